// Package hosted_test runs the example of code that lives at a URL.
package hosted_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/wthost/wt/examples/internal/exampletest"
	"github.com/wthost/wt/examples/internal/standin"
)

func TestHosted(t *testing.T) {
	t.Parallel()
	code, err := os.ReadFile("greet.js")
	if err != nil {
		t.Fatal(err)
	}
	h := exampletest.Start(t)
	file := standin.NewFile(string(code))
	key := h.Secret()
	var rec exampletest.Recorder
	task := rec.Tap(t, h.Wt("create", exampletest.Serve(t, file)+"/greet.js", "--secret", "key="+key))
	greeting := func() string {
		var got struct{ Greeting string }
		exampletest.GetJSON(t, task, &got)
		return got.Greeting
	}

	if got := greeting(); got != "hello" {
		t.Fatalf("the task says %q", got)
	}
	t.Run("busy", func(t *testing.T) { busy(t, file, greeting) })
	t.Run("edited", func(t *testing.T) { edited(t, file, greeting, "bonjour") })
	t.Run("broken", func(t *testing.T) {
		before := file.Edit("module.exports = (ctx, cb) => {")
		exampletest.Eventually(t, "the host looks at the broken code", func() bool {
			if got := greeting(); got != "bonjour" {
				t.Fatalf("the task says %q, not what the last good code says", got)
			}
			return file.Counts().Gets > before.Gets+1
		})
		if !strings.Contains(string(rec.Bytes()), "\nX-Wt-Stale: ") {
			t.Error("no answer says that the code at the URL is broken")
		}
		edited(t, file, greeting, "hola")
	})
	exampletest.NoSecret(t, "what the caller got", rec.Bytes(), key)
}

// busy calls the task all the time. The host asks about once a second whether the
// code is still the same, however often it runs.
func busy(t *testing.T, file *standin.File, greeting func() string) {
	start, before, runs := time.Now(), file.Counts(), 0
	exampletest.Eventually(t, "two questions", func() bool {
		greeting()
		runs++
		return file.Counts().Gets >= before.Gets+2
	})
	took, after := time.Since(start), file.Counts()
	gets := after.Gets - before.Gets
	if most := int(took/time.Second) + 2; gets > most {
		t.Errorf("%d requests for the code in %s, want %d at most", gets, took, most)
	}
	if after.Conditional-before.Conditional != gets || after.NotModified-before.NotModified != gets {
		t.Errorf("of %d requests, not all were conditional: %+v after %+v", gets, after, before)
	}
	if runs < 10*gets {
		t.Errorf("%d requests for the code in only %d runs", gets, runs)
	}
}

// edited changes the file and waits until the task says so. The host looks once a
// second, so one look must do. A second one is forgiven: on a machine that is busy
// with other things, it may come before the test has called again.
func edited(t *testing.T, file *standin.File, greeting func() string, word string) {
	before := file.Edit("module.exports = (ctx, cb) => cb(null, { greeting: '" + word + "' });")
	exampletest.Eventually(t, "the new code runs", func() bool { return greeting() == word })
	if gets := file.Counts().Gets - before.Gets; gets > 2 {
		t.Errorf("the new code ran only after %d looks at the file", gets)
	}
}
