package node_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wthost/wt/sandbox/internal/node"
	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web"
)

// A script can reach these and nothing else; what is added here is added to the
// public interface.
func TestNames(t *testing.T) {
	for what, c := range map[string]struct {
		have realm.Builtins
		want string
	}{
		"web globals": {web.Globals, `AbortController AbortSignal Blob CustomEvent DOMException Event EventTarget
			Headers Request Response TextDecoder TextEncoder URL URLSearchParams atob btoa console crypto fetch
			navigator performance queueMicrotask self structuredClone`},
		"node globals": {node.Globals, `Buffer global process`},
		"node modules": {node.Modules, `assert assert/strict buffer crypto events os path path/posix process
			querystring string_decoder timers timers/promises url util util/types`},
	} {
		if diff := cmp.Diff(strings.Fields(c.want), slices.Sorted(maps.Keys(c.have))); diff != "" {
			t.Errorf("%s (-want +have):\n%s", what, diff)
		}
	}
	for name := range web.Globals {
		if _, twice := node.Globals[name]; twice {
			t.Errorf("both packages make the global %s", name)
		}
	}
}
