package engine

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/effect"
)

// failures keeps the error of a call.
type failures struct {
	World
	got  *sandbox.Error
	line string
}

func (f *failures) Fail(e *sandbox.Error)           { f.got = e }
func (f *failures) Log(_ effect.Level, line string) { f.line = line }

func secretCall(secrets map[string]any) (*Call, *failures) {
	f := &failures{}
	return &Call{unit: &Unit{def: &sandbox.Definition{Secrets: secrets}}, world: f}, f
}

func TestCausesAreRedacted(t *testing.T) {
	c, f := secretCall(map[string]any{"k": "hush-hush"})
	c.failWith(&sandbox.Error{Kind: sandbox.ErrInternal, Message: "m", Err: errors.New("cannot read hush-hush")})
	if f.got.Err == nil || f.got.Err.Error() != "cannot read [redacted]" {
		t.Errorf("got %v", f.got.Err)
	}
}

func TestNumbersAreRedacted(t *testing.T) {
	var secrets map[string]any
	if err := json.Unmarshal([]byte(`{"pin": 482913, "short": 123, "deep": [{"x": -12.5}], "big": 1e21}`), &secrets); err != nil {
		t.Fatal(err)
	}
	secrets["number"] = json.Number("7700.50")
	c, f := secretCall(secrets)
	for line, want := range map[string]string{
		"a 482913 b":             "a [redacted] b",
		"a 123 b":                "a 123 b",
		"-12.5":                  "[redacted]",
		"1000000000000000000000": "[redacted]",
		"1e+21":                  "[redacted]",
		"7700.50 and 7700.5":     "[redacted] and [redacted]",
	} {
		if c.log(effect.Info, line); f.line != want {
			t.Errorf("%q gives %q, want %q", line, f.line, want)
		}
	}
}
