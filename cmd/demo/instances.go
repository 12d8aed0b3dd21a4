package main

import (
	"fmt"
	"net/http"
	"strings"

	"deckhand/aws"
	"deckhand/aws/sandbox"
)

// instances answers http://HOST:PORT/instances/NAME-OR-ID/ as long as such an instance runs, and nothing at
// all otherwise, so that a health check of the demo has something true to say.
func instances(world *sandbox.World) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wanted := strings.Trim(strings.TrimPrefix(r.URL.Path, "/instances/"), "/")
		for _, instance := range world.Instances() {
			if instance.State == aws.Running && wanted != "" && (instance.Name == wanted || instance.ID == wanted) {
				_, _ = fmt.Fprintf(w, "Hello from %s, %s.\n", instance.Name, instance.ID)
				return
			}
		}
		panic(http.ErrAbortHandler) // the connection closes without an answer
	})
}
