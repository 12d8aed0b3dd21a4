package wire

import "testing"

// Route 53 tells what is wrong with a batch in a form of its own beside the usual one.
// Source: https://docs.aws.amazon.com/Route53/latest/APIReference/requests-rest-responses.html
func TestBothFormsOfARefusedBatchAreRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ body, code, message, id string }{
		{
			`<InvalidChangeBatch xmlns="https://x/"><Messages><Message>It exists</Message><Message>Too many</Message></Messages><RequestId>r-1</RequestId></InvalidChangeBatch>`,
			"InvalidChangeBatch", "It exists Too many", "r-1",
		},
		{
			`<ErrorResponse><Error><Type>Sender</Type><Code>InvalidChangeBatch</Code><Message>[It exists]</Message></Error><RequestId>r-2</RequestId></ErrorResponse>`,
			"InvalidChangeBatch", "[It exists]", "r-2",
		},
		{"", unknown, unknown, ""},
	} {
		code, message, id, err := XML{}.refused(nil, []byte(c.body))
		if err != nil || code != c.code || message != c.message || id != c.id {
			t.Errorf("%s: %q %q %q %v", c.body, code, message, id, err)
		}
	}
}
