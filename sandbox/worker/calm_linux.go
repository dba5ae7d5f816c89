package worker

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// timerSlack is how much later than asked a sleeping thread may be woken.
const timerSlack = time.Millisecond

// Calm makes this process, whose work comes in pieces of microseconds, sleep
// longer in between. The Go runtime has a thread that looks after the others every
// 20 microseconds while anything runs, and each look costs a timer and two context
// switches: a quarter of the CPU time of small requests, where it was measured. The
// kernel's timer slack makes the looks rarer. Timers are late by up to timerSlack.
//
// It is for the main function of a program; programs built with cgo cannot do it.
func Calm() {
	// An error means that it does not get faster, and nothing else.
	_, _, _ = syscall.AllThreadsSyscall(syscall.SYS_PRCTL, unix.PR_SET_TIMERSLACK, uintptr(timerSlack), 0)
}
