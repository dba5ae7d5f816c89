package sandbox

import "time"

// Limits bound what a pool's scripts may take. Zero values mean the defaults.
type Limits struct {
	// Duration is how long a call may take, by the clock. Answers that are streamed,
	// and what a script does after its answer, end with it too. Default 30 s.
	Duration time.Duration
	// Grace is how much longer a script may ignore an interrupt before its worker
	// is killed. Default 250 ms.
	Grace time.Duration
	// Memory is the heap that a worker may use, in bytes. Default 256 MiB.
	Memory int64
	// StackDepth is how deep calls may nest. Default 2,000.
	StackDepth int
	// Body is how large a request body may be that is read for the script before
	// it runs, in bytes. Default 10 MiB. Streamed bodies are not limited by it.
	Body int64
	// Answer is how large an answer may be that is not streamed. Default 32 MiB.
	Answer int64
	// Instances is how many sandboxes a task may have at once. When all are in
	// use, calls share those that wait for something. Default 16.
	Instances int
	// Calls is how many calls of a task may be under way or wait. Default 2,000.
	Calls int
	// Fetches is how many fetches a call may have under way. Default 64.
	Fetches int
	// Timers is how many timers a call may have. Default 10,000.
	Timers int
}

// WithDefaults fills what is zero.
func (l Limits) WithDefaults() Limits {
	def := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	def64 := func(v *int64, d int64) {
		if *v == 0 {
			*v = d
		}
	}
	if l.Duration == 0 {
		l.Duration = 30 * time.Second
	}
	if l.Grace == 0 {
		l.Grace = 250 * time.Millisecond
	}
	def64(&l.Memory, 256<<20)
	def(&l.StackDepth, 2000)
	def64(&l.Body, 10<<20)
	def64(&l.Answer, 32<<20)
	def(&l.Instances, 16)
	def(&l.Calls, 2000)
	def(&l.Fetches, 64)
	def(&l.Timers, 10000)
	return l
}
