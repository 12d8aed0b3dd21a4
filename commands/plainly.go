package commands

import (
	"slices"
	"strings"
)

// What people say who do not know the language. The tables name commands and verbs; what the catalogue does not have is passed over.
var (
	// fillers say nothing about what is meant.
	fillers = strings.Fields("a an all am and are at be can could do does for get go has have how i in is it its me my now of off on open please " + //nolint:gochecknoglobals // a constant list
		"server's so some that the their them there these this those to us want we what where which will with would you your")
	// topics are words that one command is for, whatever stands around them.
	topics = map[string]string{ //nolint:gochecknoglobals // a constant table
		"ssh": "vm connect", "login": "vm connect", "port": "net sg allow", "firewall": "net sg list",
		"backup": "vm image", "snapshot": "vm image",
		"cost": "cost today", "costs": "cost today", "price": "cost today", "prices": "cost today", "bill": "cost today", "spend": "cost today",
		"monitor": "check add", "watch": "check add", "silence": "check mute", "mute": "check mute",
		"changed": "audit list", "happened": "audit list", "history": "audit list", "waiting": "request list", "pending": "request list",
		"running": "vm list", "up": "status", "down": "status", "alive": "status", "healthy": "status", "reachable": "status",
	}
	// otherVerbs are what people say for a verb, with those that the commands have.
	otherVerbs = map[string][]string{ //nolint:gochecknoglobals // a constant table
		"restart": {"reboot", "restart", "redeploy"}, "bounce": {"reboot"}, "boot": {"start"}, "launch": {"create"}, "spin": {"create"}, "make": {"create"}, "new": {"create"},
		"delete": {"delete", "terminate"}, "destroy": {"terminate", "delete"}, "kill": {"terminate", "delete"}, "remove": {"remove", "delete", "terminate"},
		"halt": {"stop"}, "shutdown": {"stop"}, "ls": {"list"}, "ps": {"list"}, "describe": {"show"},
	}
)

// isPlain tells whether a line may be plain speech: it begins with none of our nouns and is no operation of AWS, or it names an address.
func (c *Catalog) isPlain(typed []string) bool {
	return !c.nouns[typed[0]] && (len(typed) == 1 || !strings.Contains(typed[1], "-")) || slices.ContainsFunc(typed, isURL)
}

func isURL(word string) bool { return strings.Contains(word, "://") }

// topicOf is the command that a word is for; "" where it may be about anything.
func topicOf(word string) string {
	if isURL(word) {
		return "check add"
	}
	return topics[strings.ToLower(word)]
}

// plainly finds what somebody meant who speaks as to a person: "restart web", "is prod up", "make a server". The line is whole where it can be sent as it
// stands, and empty otherwise; the first of the commands is the likeliest.
func (c *Catalog) plainly(said []Word) (meant []*Command, line string) {
	words, ok := telling(said)
	if !ok {
		return nil, ""
	}
	if len(words) == 0 {
		if e := c.byName["help"]; e != nil {
			return []*Command{&e.Command}, ""
		}
		return nil, ""
	}
	for i, word := range words {
		if e := c.byName[topicOf(word)]; e != nil {
			names := slices.DeleteFunc(slices.Delete(slices.Clone(words), i, i+1), func(other string) bool { return len(c.verbs(other)) > 0 })
			return []*Command{&e.Command}, c.wholeLine(e, names)
		}
	}
	at := slices.IndexFunc(words, func(word string) bool { return len(c.verbs(word)) > 0 })
	if at < 0 {
		return nil, ""
	}
	verbs := c.verbs(words[at])
	noun, names, many := c.aboutNoun(slices.Delete(slices.Clone(words), at, at+1))
	switch {
	case noun == "" && (at > 0 || otherVerbs[strings.ToLower(words[0])] == nil && len(c.turnedRound(verbs)) != 1):
		return nil, "" // "wm list" is a mistyped noun, and "show web" a question
	case noun == "":
		noun = "vm"
		if only := c.turnedRound(verbs); len(only) == 1 {
			noun, _, _ = strings.Cut(only[0].Name, " ")
		}
	case many && len(names) == 0 && slices.Contains(verbs, "show"):
		verbs = []string{"list"}
	}
	for _, verb := range verbs {
		if e := c.byName[noun+" "+verb]; e != nil {
			return []*Command{&e.Command}, c.wholeLine(e, names)
		}
	}
	return nil, ""
}

// telling answers the words that are no fillers. A line with flags is not plain speech: who knows flags knows the language.
func telling(said []Word) (words []string, ok bool) {
	for _, word := range said {
		if _, flag := flagName(word); flag {
			return nil, false
		}
		if text := strings.Trim(word.Text, "?!.,"); text != "" && !slices.Contains(fillers, strings.ToLower(text)) {
			words = append(words, text)
		}
	}
	return words, true
}

// withoutFillers is a line that its fillers alone made wrong, as it should be: "check why myapp" for "check why is myapp down"; "" where it is wrong
// without them, too.
func (c *Catalog) withoutFillers(e *entry, said []Word) string {
	names, ok := telling(said)
	names = slices.DeleteFunc(names, func(word string) bool { return topicOf(word) != "" })
	if !ok || len(names) == 0 || len(names) == len(said) {
		return ""
	}
	return c.wholeLine(e, names)
}

// verbs answers the verbs that a word stands for: those of the table, or itself where some command has it.
func (c *Catalog) verbs(word string) []string {
	word = strings.ToLower(word)
	if others := otherVerbs[word]; others != nil {
		return others
	}
	if slices.ContainsFunc(c.entries, func(e *entry) bool {
		_, verb, several := strings.Cut(e.Name, " ")
		return several && verb == word
	}) {
		return []string{word}
	}
	return nil
}

// aboutNoun takes the noun out of words: "load balancer myapp" is lb and myapp. Many is true where it is said in the plural.
func (c *Catalog) aboutNoun(words []string) (noun string, names []string, many bool) {
	for _, word := range words {
		if said := c.noun(strings.ToLower(word)); noun == "" && said != "" {
			noun, many = said, strings.HasSuffix(word, "s")
		} else if word != "load" {
			names = append(names, word)
		}
	}
	return noun, names, many
}

// wholeLine is a command with the one name that a line gives it, or none, where that is all it needs; otherwise "". What more names mean is not certain.
func (c *Catalog) wholeLine(e *entry, names []string) string {
	line := e.Name
	if len(names) > 1 {
		return ""
	}
	for _, name := range names {
		line += " " + Quote(name)
	}
	if _, command, err := c.Parse("", line); err != nil || command.Name != e.Name {
		return ""
	}
	return line
}
