package worker

import (
	"errors"
	"os"
	"runtime"
	"runtime/debug"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/wthost/wt/sandbox"
)

// socketFD is where a worker finds its end of the socket pair.
const socketFD = 3

// inheritedSocket is the worker's end of the socket, if there is one.
func inheritedSocket() (*os.File, error) {
	_ = unix.CloseRange(socketFD+1, ^uint(0)>>1, 0) // what the host inherited itself
	kind, err := unix.GetsockoptInt(socketFD, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil || kind != unix.SOCK_STREAM {
		return nil, errors.New("no socket")
	}
	if err := unix.SetNonblock(socketFD, true); err != nil {
		return nil, err
	}
	return os.NewFile(socketFD, "host"), nil
}

// runtimeData is what a Go process has in VmData before it does anything; the
// data limit counts it.
const runtimeData = 64 << 20

// ballast raises the heap's size without using memory, since it is never touched:
// the collector then runs after 16 MiB of garbage at the earliest and not after
// 4 MiB, which halves its cost for small tasks.
var ballast []byte

const ballastSize = 16 << 20

// confine sets what the kernel and the Go runtime enforce on this process. The
// soft limit is the engine's; what is set here ends the process when code takes
// memory faster than the engine can look.
func confine(l sandbox.Limits) error {
	Calm()
	runtime.GOMAXPROCS(max(1, runtime.NumCPU()/2))
	ballast = make([]byte, ballastSize)
	debug.SetMaxStack(64 << 20)
	// The collector works hard before the engine's limit is reached: what exceeds
	// that is in use and not garbage.
	debug.SetMemoryLimit(l.Memory + ballastSize)
	data := dataFactor * uint64(runtimeData+ballastSize+l.Memory+l.Memory/2)
	for _, r := range []struct {
		resource int
		limit    uint64
	}{{unix.RLIMIT_DATA, data}, {unix.RLIMIT_CORE, 0}, {unix.RLIMIT_FSIZE, 0}} {
		if err := syscall.Setrlimit(r.resource, &syscall.Rlimit{Cur: r.limit, Max: r.limit}); err != nil {
			return err
		}
	}
	return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
}
