package adopt_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"deckhand/config"
	"deckhand/config/adopt"
)

var update = flag.Bool("update", false, "rewrite what is expected")

// rest is a configuration without its checks.
const rest = "aws: {region: us-east-1}\nstore: {url: \"sqlite:deckhand.db\"}\nadmin: {listen: \"127.0.0.1:9090\"}\n"

func TestFilesOfOthers(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"testdata/gatus.yaml", "testdata/gatus-whole.yaml", "testdata/kuma.json", "testdata/kuma-kinds.json"} {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			adopted, err := adopt.Read(raw)
			if err != nil {
				t.Fatal(err)
			}
			written, err := adopted.YAML()
			if err != nil {
				t.Fatal(err)
			}
			got := string(written) + "# " + adopted.From + "\n# " + strings.Join(adopted.Left, "\n# ") + "\n"
			expected := file + ".expected"
			if *update {
				if err := os.WriteFile(expected, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(expected)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			for _, secret := range []string{"Bearer abc", "secret-of", "hunter2", "abcdef0123456789"} {
				if strings.Contains(got, secret) {
					t.Errorf("%q is carried over", secret)
				}
			}
			valid, err := config.Parse("adopted.yaml", append([]byte(rest), written...), func(ref config.Ref) (string, error) {
				return "token-of-" + strings.ToLower(ref.Name) + "-and-more", nil
			})
			if err != nil {
				t.Fatalf("the configuration does not take it:\n%v\n%s", err, written)
			}
			if len(valid.Checks) != len(adopted.Checks) {
				t.Errorf("%d checks of %d", len(valid.Checks), len(adopted.Checks))
			}
		})
	}
}

func TestWhatIsNoFileOfOthers(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{}", "a: b", "[1, 2]", "{\"monitorList\": []}", "\t"} {
		if _, err := adopt.Read([]byte(text)); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, file := range []string{"testdata/gatus.yaml", "testdata/kuma.json"} {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if adopted, err := adopt.Read(raw); err == nil {
			if _, err := adopted.YAML(); err != nil {
				t.Error(err)
			}
		}
	})
}
