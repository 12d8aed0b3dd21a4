package commands

import (
	"slices"
	"strings"
	"testing"
)

func texts(words []Word) []string {
	var out []string
	for _, w := range words {
		out = append(out, w.Text)
	}
	return out
}

func TestWordsAreReadAsTheyWereMeant(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ why, line, want string }{
		{"plain words", "vm list web", "vm|list|web"},
		{"spaces of all kinds", " vm\u00a0list\u202f web\t ", "vm|list|web"},
		{"a phone's long dash before a flag", "vm create —count 2", "vm|create|--count|2"},
		{"an en dash before a flag", "vm create –count 2", "vm|create|--count|2"},
		{"two long dashes", "vm create ——count 2", "vm|create|--count|2"},
		{"a long dash inside a word", "vm stop web—1", "vm|stop|web-1"},
		{"a non-breaking hyphen", "vm stop web‑1", "vm|stop|web-1"},
		{"a long dash inside quotes stays", "lock --reason “a — b”", "lock|--reason|a — b"},
		{"curly quotes", "vm create --name “web 1”", "vm|create|--name|web 1"},
		{"curly single quotes", "vm create --name ‘web 1’", "vm|create|--name|web 1"},
		{"an apostrophe is a letter", "lock --reason don't", "lock|--reason|don't"},
		{"a curly apostrophe is a letter", "lock --reason don’t", "lock|--reason|don’t"},
		{"quotes inside a word", `a --x=Key="web 1",b`, "a|--x=Key=web 1,b"},
		{"single quotes after an equals sign", `a --x='b c'`, "a|--x=b c"},
		{"an empty word", `vm create --name ""`, "vm|create|--name|"},
		{"JSON in single quotes", `a '{"Name":"x"}'`, `a|{"Name":"x"}`},
		{"JSON in curly quotes", "a ‘[{“Key”:“a b”}]’", `a|[{"Key":"a b"}]`},
		{"shorthand in curly quotes", "a ‘Key=“a b”,Value=c’ Key=\\“d\\”", `a|Key="a b",Value=c|Key="d"`},
		{"words that are quoted in single quotes", "lock --reason 'so “it” is'", "lock|--reason|so “it” is"},
		{"no-break spaces inside quotes", "vm run --command “ls\u00a0-la” 'a\u202fb'", "vm|run|--command|ls -la|a b"},
		{"a no-break space that is meant", "a \"b\\\u00a0c\"", "a|b\u00a0c"},
		{"an escaped quote", `a "b \" c"`, `a|b " c`},
		{"a continued line", "aws ec2 run-instances \\\n --count 2", "aws|ec2|run-instances|--count|2"},
		{"a user", "can <@U1|ann> now", "can|U1|now"},
		{"a user without a name", "can <@U1>", "can|U1"},
		{"a channel", "check add --channel <#C1|ops>", "check|add|--channel|C1"},
		{"a user group", "who <!subteam^S1|@oncall>", "who|S1"},
		{"a bare host that Slack made a link of", "lb create --alias <http://myapp.example.com|myapp.example.com>", "lb|create|--alias|myapp.example.com"},
		{"a whole address", "check add --url <http://myapp.example.com/>", "check|add|--url|http://myapp.example.com/"},
		{"an address with a query", "check add --url <http://x/?a=1&amp;b=2>", "check|add|--url|http://x/?a=1&b=2"},
		{"an address with another label", "check add --url <http://x/y|here>", "check|add|--url|http://x/y"},
		{"a mail address", "tell <mailto:a@b.c|a@b.c>", "tell|a@b.c"},
		{"entities", "a &lt;b&gt; &amp;&amp; c", "a|<b>|&&|c"},
		{"an entity is read once", "a &amp;lt;", "a|&lt;"},
		{"brackets of nobody's", "a <b c> d", "a|<b|c>|d"},
		{"zero-width characters", "vm\u200b list\ufeff", "vm|list"},
		{"marks cannot be forged", "vm \uE000mx\uE001", "vm|mx"},
		{"marks cannot be forged in quotes", "vm \"\uE000mx\uE001\"", "vm|mx"},
		{"backticks around the line", "`vm list`", "vm|list"},
		{"nothing", "   ", ""},
		{"no shell", "vm list; rm -rf $HOME | x > y", "vm|list;|rm|-rf|$HOME|||x|>|y"},
	} {
		words, err := SplitWords(c.line)
		if err != nil {
			t.Errorf("%s: %q: %v", c.why, c.line, err)
			continue
		}
		if got := strings.Join(texts(words), "|"); got != c.want {
			t.Errorf("%s: %q is read as %q, want %q", c.why, c.line, got, c.want)
		}
	}
}

func TestWordsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for why, line := range map[string]string{
		"an open quote":   `vm create --name "web`,
		"a long line":     strings.Repeat("a ", maxLine),
		"not valid UTF-8": "vm \xff",
	} {
		if _, err := SplitWords(line); err == nil || Words(err).Kind != Usage {
			t.Errorf("%s: got %v, want a usage error", why, err)
		}
	}
}

func TestAQuotedWordIsNoFlag(t *testing.T) {
	t.Parallel()
	words, err := SplitWords(`a "--b" --c`)
	if err != nil || !words[1].Quoted || words[2].Quoted {
		t.Errorf("got %v, %v", words, err)
	}
}

func FuzzQuoteIsReadBack(f *testing.F) {
	for _, seed := range []string{"so “it” is", "a\u00a0b", "web", "web 1", `a"b\c`, "—x", "--x", "<@U1>", "&amp;", "don't", "", "`x`"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, word string) {
		if strings.ToValidUTF8(word, "") != word || strings.ContainsFunc(word, isInvisible) || len(word) > 1000 || strings.ContainsAny(word, "<&") {
			return // Slack's escapes are read inside quotes too, and what nobody types is dropped: neither comes back as it was
		}
		words, err := SplitWords("a " + Quote(word) + " b")
		if err != nil || !slices.Equal(texts(words), []string{"a", word, "b"}) {
			t.Errorf("%q is written %s and read back as %q, %v", word, Quote(word), texts(words), err)
		}
	})
}

func FuzzSplitWordsNeverPanics(f *testing.F) {
	f.Add("<@U1|x> “a” &amp; \\")
	f.Fuzz(func(_ *testing.T, line string) { _, _ = SplitWords(line) })
}
