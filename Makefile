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

# Decision 78 says what is watched and why. More tests of a package side by side than there are processors, as scripts are otherwise, would be many
# for a program that is watched: Slack's three seconds pass for it too.
race:
	go test -race -vet=off -timeout 30m -parallel 2 -gcflags='modernc.org/sqlite/lib=-race=false' \
		-gcflags='github.com/aws/aws-sdk-go-v2/service/ec2=-N -l' ./aws/... ./bot/... ./cmd/... \
		$$(grep -rlE 'sync\.|\.Go\(|^\s+go ' --include='*.go' commands config | xargs -n 1 dirname | sort -u | sed 's|^|./|')

docs:
	go run ./cmd/deckhand commands --markdown > docs/commands.md

clean:
	rm -rf dist
