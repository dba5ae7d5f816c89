package main

import (
	"net"
	"syscall"
)

// quietListener spares a system call for each request. While a handler runs, the
// HTTP server reads one byte ahead to notice that the caller went away; nearly
// always there is none, and the read fails. These connections wait for something
// to read before they read a single byte.
type quietListener struct{ *net.TCPListener }

// Accept implements net.Listener.
func (l quietListener) Accept() (net.Conn, error) {
	c, err := l.AcceptTCP()
	if err != nil {
		return nil, err
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return c, nil
	}
	q := &quietConn{TCPConn: c, raw: raw}
	q.ready = func(uintptr) bool {
		again := q.waited
		q.waited = true
		return again
	}
	return q, nil
}

type quietConn struct {
	*net.TCPConn
	raw    syscall.RawConn
	ready  func(uintptr) bool // true the second time
	waited bool               // for the one who reads
}

// Read implements net.Conn.
func (c *quietConn) Read(p []byte) (int, error) {
	if len(p) == 1 {
		c.waited = false
		if err := c.raw.Read(c.ready); err != nil {
			return 0, err
		}
	}
	return c.TCPConn.Read(p)
}

// quiet wraps a TCP listener; others stay as they are.
func quiet(ln net.Listener) net.Listener {
	if tcp, ok := ln.(*net.TCPListener); ok {
		return quietListener{tcp}
	}
	return ln
}
