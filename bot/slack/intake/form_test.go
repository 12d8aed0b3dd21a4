package intake

import (
	"net/url"
	"testing"
)

// FuzzForm holds readForm to what the standard library reads. (url.ParseQuery goes on after an error, and refuses a body of
// very many fields, which here is bounded by the size of the body.)
func FuzzForm(f *testing.F) {
	for _, body := range []string{slashForm, benchForm, "", "a", "a=", "=b", "a=1&a=2", "&&a=1&", "a;b", "a=%zz", "%zz=a", "a=b=c", "a=%2B+%20"} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		want, wantErr := url.ParseQuery(body)
		got, err := readForm(nil, body)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("error %v, want %v", err, wantErr)
		}
		if err != nil {
			return
		}
		for name := range want {
			if got.get(name) != want.Get(name) {
				t.Errorf("%q is %q, want %q", name, got.get(name), want.Get(name))
			}
		}
		n := 0
		for _, values := range want {
			n += len(values)
		}
		if len(got) != n {
			t.Errorf("%d fields, want %d", len(got), n)
		}
	})
}
