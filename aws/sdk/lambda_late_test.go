package sdk_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	"deckhand/aws"
)

// The answer to a making was lost, the same call again is refused because the function is there, and AWS shows it some seconds late.
func TestAFunctionThatStandsAndShowsLateIsTaken(t *testing.T) {
	t.Parallel()
	const create, look = "POST /2015-03-31/functions", "GET /2015-03-31/functions/counter"
	var looks atomic.Int32
	_, c := exchanging(t, map[string]http.HandlerFunc{
		create: refusing(http.StatusConflict, "ResourceConflictException", "Function already exist: counter"),
		look: func(w http.ResponseWriter, r *http.Request) {
			if looks.Add(1) < 3 {
				refusing(http.StatusNotFound, "ResourceNotFoundException", "Function not found")(w, r)
				return
			}
			answering(http.StatusOK, `{"Configuration":{"FunctionName":"counter"},"Tags":{"m":"mine"}}`)(w, r)
		},
	})
	n := aws.NewFunction{Name: "counter", Mark: "m", Tags: map[string]string{"m": "mine"}, Code: aws.FunctionCode{S3Bucket: "b", S3Key: "k"}}
	f, err := c.CreateFunction(t.Context(), here, n)
	must(t, err)
	if f.Name != "counter" || looks.Load() != 3 {
		t.Errorf("%q after %d looks", f.Name, looks.Load())
	}
	n.Tags = map[string]string{"m": "another"}
	_, err = c.CreateFunction(t.Context(), here, n)
	wantError(t, err, "failed", "There is a function called counter already")
}
