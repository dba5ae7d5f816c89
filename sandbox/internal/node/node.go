// Package node holds the modules and globals that scripts know from Node.js:
// crypto, buffer, url, util, events and their kin. It must not know the Web
// globals' Go code: what it needs of them it asks the realm for by name.
package node

import (
	"embed"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

//go:embed *.js
var files embed.FS

// source makes a Builtin of one of this package's JavaScript files.
func source(name string, fns jsval.Fns) realm.Builtin {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return jsval.FromSource(realm.NewSource("node/"+name, string(text)), fns)
}

// Globals are Node's own globals.
var Globals = realm.Builtins{
	"Buffer":  jsval.Member("buffer", "Buffer"),
	"process": source("process.js", processFns),
	"global":  globalThis,
}

// Modules are what require gives for Node's module names, without "node:".
var Modules = realm.Builtins{
	"assert":          source("assert.js", utilFns),
	"assert/strict":   jsval.Member("assert", "strict"),
	"buffer":          source("buffer.js", bufferFns),
	"crypto":          cryptoModule,
	"events":          source("events.js", nil),
	"os":              source("os.js", nil),
	"path":            jsval.Member("path/posix", "posix"),
	"path/posix":      source("path.js", nil),
	"process":         processModule,
	"querystring":     source("querystring.js", nil),
	"string_decoder":  source("string_decoder.js", decoderFns),
	"timers":          source("timers.js", nil),
	"timers/promises": jsval.Member("timers", "promises"),
	"url":             source("url.js", urlFns),
	"util":            source("util.js", utilFns),
	"util/types":      source("types.js", typesFns),
}
