package node_test

import (
	"maps"
	"testing"

	"github.com/wthost/wt/sandbox/internal/node"
	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web"
	"github.com/wthost/wt/sandbox/internal/web/realmtest"
)

func globals() realm.Builtins {
	all := maps.Clone(web.Globals)
	maps.Copy(all, node.Globals)
	return all
}

func TestGolden(t *testing.T) { realmtest.Golden(t, globals(), node.Modules) }

func TestSameAsNode(t *testing.T) { realmtest.SameAsNode(t) }
