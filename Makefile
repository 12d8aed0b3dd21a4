# check is what every change must pass. Each step can be run by itself.
.PHONY: check build format lint test race docs clean

check: format lint test race

build:
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o dist/deckhand ./cmd/deckhand

format:
	@files="$$(gofmt -l $$(git ls-files '*.go'))"; if [ -n "$$files" ]; then echo "gofmt would change:"; echo "$$files"; exit 1; fi

lint:
	golangci-lint run ./...

test:
	go test ./...

# The first time, the EC2 client alone takes over a minute to compile with the race detector. Slack's three seconds pass
# for a program that is watched by it too, so no more than two tests of a package run side by side.
race:
	go test -race -vet=off -timeout 30m -parallel 2 ./...

docs:
	go run ./cmd/deckhand commands --markdown > docs/commands.md

clean:
	rm -rf dist
