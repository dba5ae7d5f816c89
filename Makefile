# make run builds wt, serves on 127.0.0.1:8080 and creates the example tasks.
# make test runs every test; make check runs what looks at the code.
export CGO_ENABLED ?= 0
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GOFLAGS_BUILD = -trimpath -ldflags "-s -w -X main.version=$(VERSION)"

.PHONY: build run test check fuzz bench clean

build:
	go build $(GOFLAGS_BUILD) -o bin/wt ./cmd/wt

run: build
	./examples/run.sh

# The summary at the end says what was skipped, and why.
test:
	@./.ci/test

check:
	@test -z "$$(gofmt -l .)" || { echo "not formatted:"; gofmt -l .; exit 1; }
	go vet ./...
	go tool staticcheck ./...
	@test -z "$$(git status --porcelain)" || { echo "the work tree is not clean:"; git status --porcelain; exit 1; }

# The race detector needs a C compiler.
race:
	CGO_ENABLED=1 go test -race ./...

fuzz:
	@./.ci/fuzz

bench:
	go test -run '^$$' -bench . ./sandbox/... ./runtime/...

clean:
	rm -rf bin data
