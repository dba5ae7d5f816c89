package worker

import (
	"net"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// spawner starts every worker from one thread that lives as long as the program:
// the kernel kills a worker when the thread that started it ends.
var spawner = sync.OnceValue(func() chan<- func() {
	jobs := make(chan func())
	go func() {
		runtime.LockOSThread()
		for job := range jobs {
			job()
		}
	}()
	return jobs
})

// spawned is a worker process as the pool sees it.
type spawned struct {
	conn   net.Conn // the parent's end of the socket
	pid    int
	stderr *crashNote // what it says at its end
	kill   func()
	wait   func() error
}

// spawn starts a worker process.
// The worker gets no environment but the Go runtime's settings, no files but the
// socket and stderr, and dies with this process.
func spawn() (*spawned, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	ours, theirs := os.NewFile(uintptr(fds[0]), "worker"), os.NewFile(uintptr(fds[1]), "host")
	defer theirs.Close()
	defer ours.Close()
	stderr := &crashNote{}
	cmd := &exec.Cmd{
		Path: "/proc/self/exe", Args: []string{argv0}, Dir: "/",
		Env:        []string{"GODEBUG=containermaxprocs=0,updatemaxprocs=0"},
		ExtraFiles: []*os.File{theirs}, Stderr: stderr,
		WaitDelay:   time.Second,
		SysProcAttr: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true},
	}
	done := make(chan error)
	spawner() <- func() { done <- cmd.Start() }
	if err := <-done; err != nil {
		return nil, err
	}
	conn, err := net.FileConn(ours)
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return nil, err
	}
	return &spawned{conn: conn, pid: cmd.Process.Pid, stderr: stderr, kill: func() { _ = cmd.Process.Kill() }, wait: cmd.Wait}, nil
}
