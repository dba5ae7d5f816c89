package main

import (
	"strings"
)

// pair is one KEY=VALUE of the command line.
type pair struct {
	key, value string
	bare       bool // there was no =
}

// splitPairs reads the values of a repeatable KEY=VALUE flag. Errors name a
// value by its place, because any part of it may be a secret.
func splitPairs(flag string, list []string) ([]pair, error) {
	pairs := make([]pair, 0, len(list))
	for i, s := range list {
		key, value, found := strings.Cut(s, "=")
		if key == "" {
			return nil, usagef("--%s number %d has no key", flag, i+1).withHint("write --%s KEY=VALUE", flag)
		}
		pairs = append(pairs, pair{key: key, value: value, bare: !found})
	}
	return pairs, nil
}

// nested turns pairs into an object in which a dot in a key leads one level
// down: k.sub=1 gives {"k":{"sub":"1"}}.
func nested(flag string, pairs []pair) (map[string]any, error) {
	object := map[string]any{}
	for i, p := range pairs {
		if !put(object, strings.Split(p.key, "."), p.value) {
			return nil, usagef("the key of --%s number %d does not fit the others", flag, i+1).
				withHint("dots in a key lead to nested objects: a key cannot have a value and keys below it, or an empty part")
		}
	}
	return object, nil
}

func put(object map[string]any, path []string, value string) bool {
	key := path[0]
	if key == "" {
		return false
	}
	if len(path) == 1 {
		if _, isObject := object[key].(map[string]any); isObject {
			return false
		}
		object[key] = value
		return true
	}
	if object[key] == nil {
		object[key] = map[string]any{}
	}
	below, ok := object[key].(map[string]any)
	return ok && put(below, path[1:], value)
}

// params reads --param.
func params(list []string) (map[string]any, error) {
	pairs, err := needValues("param", list)
	if err != nil {
		return nil, err
	}
	return nested("param", pairs)
}

// meta reads --meta and --meta-file. Metadata is flat: dots stay in the key.
func (e *Env) meta(list []string, file string) (map[string]string, error) {
	meta := map[string]string{}
	if file != "" {
		values, err := e.readDotenv("meta-file", file)
		if err != nil {
			return nil, err
		}
		for _, p := range values {
			meta[p.key] = p.value
		}
	}
	pairs, err := needValues("meta", list)
	for _, p := range pairs {
		meta[p.key] = p.value
	}
	return meta, err
}

func needValues(flag string, list []string) ([]pair, error) {
	pairs, err := splitPairs(flag, list)
	for i, p := range pairs {
		if p.bare {
			return nil, usagef("--%s number %d has no value", flag, i+1).withHint("write --%s KEY=VALUE", flag)
		}
	}
	return pairs, err
}
