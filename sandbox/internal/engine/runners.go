package engine

// runners are goroutines that run instances' queues. They are kept for a while
// after their work, because the engine uses deep stacks: a new goroutine would
// grow its own, copy by copy, for every call.
type runners struct {
	work chan *Instance
	idle chan struct{} // a slot for each that waits
	done chan struct{} // closed by close
}

// maxIdleRunners is how many wait for work.
const maxIdleRunners = 64

func newRunners() runners {
	return runners{work: make(chan *Instance), idle: make(chan struct{}, maxIdleRunners), done: make(chan struct{})}
}

// run runs the instance's queue on a goroutine that waits, or on a new one.
func (r runners) run(in *Instance) {
	select {
	case r.work <- in:
	default:
		go r.loop(in)
	}
}

func (r runners) loop(in *Instance) {
	for in != nil {
		in.drain()
		in = nil
		select {
		case r.idle <- struct{}{}:
			select {
			case in = <-r.work:
			case <-r.done:
			}
			<-r.idle
		default: // enough others wait
		}
	}
}

// close ends those that wait; none waits any more.
func (r runners) close() { close(r.done) }
