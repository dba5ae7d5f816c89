package pooltest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/effect"
)

func answers(s *suite) {
	p := s.pool(sandbox.Limits{})
	for _, tt := range []struct{ code, body, want string }{
		{`module.exports = (ctx, cb) => cb(null, ctx.query.a + ctx.secrets.k)`, "", `"1v"`},
		{`module.exports = (ctx, cb) => cb(null, ctx.body)`, `{"x":[1]}`, `{"x":[1]}`},
		{`module.exports = (ctx, cb) => setTimeout(() => cb(null, 2), 1)`, "", `2`},
		{`module.exports = async ({query}) => query`, "", `{"a":"1"}`},
		{`module.exports = (ctx, req, res) => res.end('whole')`, "", "whole"},
	} {
		var body io.Reader
		if tt.body != "" {
			body = strings.NewReader(tt.body)
		}
		if got, err := s.call(p, tt.code, body, &Host{}); err != nil || got != tt.want {
			s.Errorf("%s: %s, %v", tt.code, got, err)
		}
	}
}

func failures(s *suite) {
	p := s.pool(sandbox.Limits{Body: 10, Answer: 1000})
	for _, tt := range []struct {
		code string
		want sandbox.ErrorKind
	}{
		{`module.exports = 1`, sandbox.ErrNoFunction},
		{`(`, sandbox.ErrCompile},
		{`module.exports = cb => cb('e')`, sandbox.ErrCallback},
		{`module.exports = cb => { throw 1 }`, sandbox.ErrThrown},
		{`module.exports = cb => { setTimeout(() => { throw 1 }) }`, sandbox.ErrUncaught},
		{`module.exports = cb => {}`, sandbox.ErrNoAnswer},
		{`module.exports = cb => { (function f() { f() })() }`, sandbox.ErrStack},
		{`module.exports = cb => cb(null, 'x'.repeat(2000))`, sandbox.ErrAnswerTooLarge},
		{`module.exports = (ctx, req, res) => { res.write('x'); throw 1 }`, sandbox.ErrThrown},
	} {
		if _, err := s.call(p, tt.code, nil, &Host{}); Kind(err) != tt.want {
			s.Errorf("%s: %v", tt.code, err)
		}
	}
	if _, err := s.call(p, `module.exports = cb => cb()`, strings.NewReader(strings.Repeat("x", 11)), &Host{}); Kind(err) != sandbox.ErrBodyTooLarge {
		s.Errorf("a large body: %v", err)
	}
}

func streams(s *suite) {
	p := s.pool(sandbox.Limits{})
	got, err := s.call(p, `module.exports = (ctx, req, res) => { let n = 0;
		const t = setInterval(() => { res.write('p' + n); if (++n === 5) { clearInterval(t); res.end() } }, 1) }`, nil, &Host{})
	if got != "p0p1p2p3p4" || err != nil {
		s.Errorf("%q %v", got, err)
	}
	got, err = s.call(p, `module.exports = (ctx, req, res) => res.end(Buffer.alloc(3e6, 'x'))`, nil, &Host{})
	if len(got) != 3e6 || err != nil {
		s.Errorf("%d bytes, %v", len(got), err)
	}
}

// slowReader: a script that waits for drain is never far ahead of its reader.
func slowReader(s *suite) {
	p := s.pool(sandbox.Limits{})
	h := &Host{}
	resp, err := p.Invoke(context.Background(), Task(`module.exports = async (ctx, req, res) => {
		for (let i = 0; i < 200; i++) { console.log('w'); if (!res.write(Buffer.alloc(65536))) await new Promise(r => res.once('drain', r)); }
		res.end() }`), &sandbox.Request{Method: "GET"}, h)
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Stream.Close()
	buf, total := make([]byte, 10000), 0
	for {
		n, err := resp.Stream.Read(buf)
		total += n
		if written := strings.Count(h.Lines(), "w") * 65536; written > total+1<<20 {
			s.Fatalf("%d bytes were written when %d were read", written, total)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			s.Fatal(err)
		}
	}
	if total != 200*65536 {
		s.Errorf("%d bytes", total)
	}
}

func uploads(s *suite) {
	p := s.pool(sandbox.Limits{})
	const size = 20 << 20
	got, err := s.call(p, `module.exports = (ctx, req, res) => { let n = 0; req.on('data', d => n += d.length); req.on('end', () => res.end(String(n))) }`,
		io.LimitReader(zeros{}, size), &Host{})
	if got != fmt.Sprint(size) || err != nil {
		s.Errorf("%s %v", got, err)
	}
	got, err = s.call(p, `module.exports = (ctx, req, res) => req.pipe(res)`, io.LimitReader(zeros{}, 1<<20), &Host{})
	if len(got) != 1<<20 || err != nil {
		s.Errorf("piped: %d %v", len(got), err)
	}
	_, err = s.call(p, `module.exports = (ctx, cb) => cb()`, io.MultiReader(strings.NewReader("x"), broken{}), &Host{})
	if Kind(err) != sandbox.ErrCancelled {
		s.Errorf("a broken upload: %v", err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

func fetches(s *suite) {
	p := s.pool(sandbox.Limits{Fetches: 4})
	h := &Host{OnFetch: func(ctx context.Context, r *effect.FetchRequest) (*effect.FetchResponse, error) {
		resp := &effect.FetchResponse{URL: r.URL, Status: 200, Length: 4, Body: io.NopCloser(strings.NewReader("body"))}
		switch {
		case strings.HasSuffix(r.URL, "/fails"):
			return nil, errors.New("refused")
		case strings.HasSuffix(r.URL, "/large"):
			resp.Length, resp.Body = -1, io.NopCloser(io.LimitReader(zeros{}, 1<<20))
		case strings.HasSuffix(r.URL, "/hangs"):
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return resp, nil
	}}
	for _, tt := range []struct{ code, want string }{
		{`return (await fetch('http://x/')).text()`, `"body"`},
		{`return (await (await fetch('http://x/large')).arrayBuffer()).byteLength`, `1048576`},
		{`try { await fetch('http://x/fails') } catch (e) { return e.name }`, `"TypeError"`},
		{`for (let i = 0; i < 20; i++) await fetch('http://x/'); return 'many'`, `"many"`}, // unread bodies
		{`for (let i = 0; i < 20; i++) await (await fetch('http://x/large')).arrayBuffer(); return 'many'`, `"many"`},
		{`const all = await Promise.allSettled(Array.from({length: 9}, () => fetch('http://x/large'))); return all.filter(r => r.status === 'fulfilled').length`, `4`},
		{`const a = new AbortController(); setTimeout(() => a.abort(), 1); try { await fetch('http://x/hangs', {signal: a.signal}) } catch (e) { return e.name }`, `"AbortError"`},
		{`fetch('http://x/hangs').catch(() => {}); throw new Error('leaves it')`, ``},
	} {
		got, err := s.call(p, `module.exports = async ctx => {`+tt.code+`}`, nil, h)
		if got != tt.want || (err != nil) != (tt.want == "") {
			s.Errorf("%s: %s %v", tt.code, got, err)
		}
	}
}

func logs(s *suite) {
	p := s.pool(sandbox.Limits{})
	h := &Host{}
	if _, err := s.call(p, `module.exports = cb => { console.log('one'); console.error({a: 1}); cb() }`, nil, h); err != nil {
		s.Fatal(err)
	}
	s.until("lines are missing", func() bool { return h.Lines() == "one\n{ a: 1 }" })
	h = &Host{}
	if _, err := s.call(p, `module.exports = cb => { for (let i = 0; i < 3000; i++) console.log('x'.repeat(1000)); console.log('y'.repeat(1e6)); cb() }`, nil, h); err != nil {
		s.Fatal(err)
	}
	if n := len(h.Lines()); n > 2<<20 {
		s.Errorf("%d bytes were logged", n)
	}
}

func deadlines(s *suite) {
	p := s.pool(sandbox.Limits{Duration: 100 * time.Millisecond})
	for _, code := range []string{
		`module.exports = cb => { for (;;); }`,
		`module.exports = cb => { setTimeout(cb, 1e6) }`,
		`module.exports = async cb => { for (;;) await 0 }`,
		`for (;;);`,
		`module.exports = (ctx, req, res) => { res.write('x'); setTimeout(() => {}, 1e6) }`,
	} {
		_, err := s.call(p, code, nil, &Host{})
		if Kind(err) != sandbox.ErrTimeout || !errors.Is(err, context.DeadlineExceeded) {
			s.Errorf("%s: %v", code, err)
		}
	}
	if got, err := s.call(p, `module.exports = cb => cb(null, 1)`, nil, &Host{}); got != "1" {
		s.Errorf("afterwards: %s %v", got, err)
	}
}

func disconnects(s *suite) {
	p := s.pool(sandbox.Limits{})
	for _, code := range []string{
		`module.exports = cb => { console.log('begun'); for (;;); }`,
		`module.exports = cb => { console.log('begun'); setTimeout(cb, 1e6) }`,
		`console.log('begun'); for (;;);`,
		`module.exports = (ctx, req, res) => { res.write('x'); console.log('begun'); setTimeout(() => {}, 1e6) }`,
		`module.exports = (ctx, req, res) => { res.write(Buffer.alloc(1e6)); res.end(); console.log('begun') }`,
	} {
		ctx, cancel := context.WithCancel(context.Background())
		h := &Host{}
		go func() {
			s.until("it has not begun: "+code, func() bool { return h.Lines() == "begun" })
			cancel()
		}()
		resp, err := p.Invoke(ctx, Task(code), &sandbox.Request{Method: "GET"}, h)
		if err == nil {
			<-ctx.Done()
			resp.Stream.Close()
		} else if Kind(err) != sandbox.ErrCancelled {
			s.Errorf("%s: %v", code, err)
		}
	}
}

func lingering(s *suite) {
	p := s.pool(sandbox.Limits{})
	h := &Host{}
	got, err := s.call(p, `module.exports = cb => { cb(null, 1); setTimeout(() => { console.log('after'); throw new Error('late') }, 5) }`, nil, h)
	if got != "1" || err != nil {
		s.Errorf("%s %v", got, err)
	}
	s.until("it did not go on", func() bool { return strings.HasPrefix(h.Lines(), "after\nafter the answer: late") })
}

func loading(s *suite) {
	p := s.pool(sandbox.Limits{})
	n, cause := 0, errors.New("the store is away")
	t := &sandbox.Task{Load: func(context.Context) (*sandbox.Definition, error) {
		if n++; n == 1 {
			return nil, cause
		}
		return &sandbox.Definition{File: "t.js", Code: `module.exports = cb => cb(null, 1)`}, nil
	}}
	if _, err := Call(context.Background(), p, t, nil, &Host{}); Kind(err) != sandbox.ErrLoad || !errors.Is(err, cause) {
		s.Errorf("got %v", err)
	}
	for range 2 {
		if got, err := Call(context.Background(), p, t, nil, &Host{}); got != "1" {
			s.Errorf("%s %v", got, err)
		}
	}
	if n != 2 {
		s.Errorf("it was loaded %d times", n)
	}
	gate := make(chan struct{})
	slow := &sandbox.Task{Load: func(context.Context) (*sandbox.Definition, error) { <-gate; return nil, cause }}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Call(ctx, p, slow, nil, &Host{}); Kind(err) != sandbox.ErrCancelled {
		s.Errorf("got %v", err)
	}
	p.Forget(slow) // does not wait for it
	close(gate)
}

func forget(s *suite) {
	p := s.pool(sandbox.Limits{})
	t := Task(`let n = 0; module.exports = cb => setTimeout(() => cb(null, ++n), 1)`)
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			if _, err := Call(context.Background(), p, t, nil, &Host{}); err != nil {
				s.Error(err)
			}
		})
		if i%10 == 0 {
			p.Forget(t)
		}
	}
	wg.Wait()
	p.Forget(t)
	p.Forget(t)
	if got, err := Call(context.Background(), p, t, nil, &Host{}); got != "1" {
		s.Errorf("afterwards: %s %v", got, err)
	}
}

func prepare(s *suite) {
	p := s.pool(sandbox.Limits{})
	if err := p.Prepare(context.Background(), Task(`throw new Error('is not run')`)); err != nil {
		s.Error(err)
	}
	if err := p.Prepare(context.Background(), Task(`var = 1`)); Kind(err) != sandbox.ErrCompile {
		s.Errorf("got %v", err)
	}
}

func closing(s *suite) {
	p := s.pool(sandbox.Limits{})
	ended := make(chan error)
	h := &Host{}
	for _, code := range []string{`module.exports = cb => { console.log('begun'); for (;;); }`, `module.exports = cb => { console.log('begun'); setTimeout(cb, 1e6) }`} {
		go func() {
			_, err := s.call(p, code, nil, h)
			ended <- err
		}()
	}
	s.until("they have not begun", func() bool { return strings.Count(h.Lines(), "begun") == 2 })
	if err := p.Close(); err != nil {
		s.Error(err)
	}
	for range 2 {
		if err := <-ended; Kind(err) != sandbox.ErrCancelled {
			s.Errorf("got %v", err)
		}
	}
	if _, err := s.call(p, `module.exports = cb => cb()`, nil, h); Kind(err) != sandbox.ErrCancelled {
		s.Errorf("afterwards: %v", err)
	}
	if err := p.Close(); err != nil {
		s.Error(err)
	}
}

func overload(s *suite) {
	p := s.pool(sandbox.Limits{Calls: 2, Instances: 1})
	t, h := Task(`module.exports = cb => { console.log('begun'); setTimeout(cb, 1e6) }`), &Host{}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { _, _ = Call(ctx, p, t, nil, h) })
	}
	s.until("they have not begun", func() bool { return strings.Count(h.Lines(), "begun") == 2 })
	if _, err := Call(context.Background(), p, t, nil, h); Kind(err) != sandbox.ErrOverloaded {
		s.Errorf("got %v", err)
	}
	cancel()
	wg.Wait()
}

// mix runs all kinds of calls at once, some of them given up at a random moment.
// Each must end.
func mix(s *suite) {
	p := s.pool(sandbox.Limits{Duration: 300 * time.Millisecond, Instances: 3})
	h := &Host{OnFetch: func(ctx context.Context, _ *effect.FetchRequest) (*effect.FetchResponse, error) {
		return &effect.FetchResponse{Status: 200, Length: -1, Body: io.NopCloser(bytes.NewReader(make([]byte, 200000)))}, nil
	}}
	var tasks []*sandbox.Task
	for _, code := range []string{
		`module.exports = cb => cb(null, 1)`,
		`module.exports = cb => setTimeout(() => cb(null, 1), Math.random() * 20)`,
		`module.exports = cb => { if (Math.random() < .3) for (;;); setTimeout(cb, 5) }`,
		`module.exports = cb => { setTimeout(() => { if (Math.random() < .3) throw 1; cb() }, 5) }`,
		`module.exports = async () => (await (await fetch('http://x/')).arrayBuffer()).byteLength`,
		`module.exports = async () => { await fetch('http://x/'); return 1 }`,
		`module.exports = (ctx, req, res) => req.pipe(res)`,
		`module.exports = (ctx, req, res) => { res.write(Buffer.alloc(500000)); setTimeout(() => res.end('x'), 5) }`,
		`module.exports = cb => { cb(null, 1); setTimeout(() => { if (Math.random() < .5) throw 1 }, 10) }`,
		`module.exports = cb => {}`,
		`if (Math.random() < .3) throw 1; module.exports = cb => cb()`,
		`module.exports = cb => { (function f() { f() })() }`,
	} {
		tasks = append(tasks, Task(code))
	}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 25 {
				ctx, cancel := context.WithCancel(context.Background())
				if rand.IntN(3) == 0 {
					time.AfterFunc(time.Duration(rand.IntN(20))*time.Millisecond, cancel)
				}
				t := tasks[rand.IntN(len(tasks))]
				_, err := Call(ctx, p, t, io.LimitReader(zeros{}, 300000), h)
				if err != nil && Kind(err) == 255 && !errors.Is(err, io.ErrClosedPipe) {
					s.Errorf("an error of no kind: %v", err)
				}
				if rand.IntN(20) == 0 {
					p.Forget(t)
				}
				cancel()
			}
		})
	}
	wg.Wait()
}
