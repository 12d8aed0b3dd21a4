package vm

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// kindOfWord says how a word names an instance.
type kindOfWord int

const (
	byName kindOfWord = iota
	byID
	byPrivateIP
)

// word is one word that names an instance.
type word struct {
	kind    kindOfWord
	text    string // as typed
	value   string // the name, id or address itself
	region  string // of an ARN
	account string // of an ARN, 12 digits
}

var instanceID = regexp.MustCompile(`^(?i)i-[0-9a-f]+$`)

// readWord reads a Name tag, an instance id, a private IP or an ARN. Errors are of kind Usage.
func readWord(text string) (word, error) {
	switch {
	case strings.TrimSpace(text) == "":
		return word{}, commands.Misuse("A name is empty.", "Name the instance, or leave the empty word out.")
	case strings.HasPrefix(text, "arn:"):
		return readARN(text)
	case instanceID.MatchString(text):
		return word{kind: byID, text: text, value: strings.ToLower(text)}, nil
	}
	if ip, err := netip.ParseAddr(text); err == nil && ip.Is4() {
		return word{kind: byPrivateIP, text: text, value: text}, nil
	}
	return word{kind: byName, text: text, value: text}, nil
}

// readARN reads arn:PARTITION:ec2:REGION:ACCOUNT:instance/ID.
// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
func readARN(text string) (word, error) {
	parts := strings.SplitN(text, ":", 6)
	if len(parts) == 6 && parts[2] == "ec2" && parts[3] != "" {
		if id, ok := strings.CutPrefix(parts[5], "instance/"); ok && instanceID.MatchString(id) {
			return word{kind: byID, text: text, value: strings.ToLower(id), region: parts[3], account: parts[4]}, nil
		}
	}
	return word{}, commands.Misuse(commands.Mono(text)+" is not the ARN of an instance.",
		"An instance's ARN looks like "+commands.Mono("arn:aws:ec2:us-east-1:123456789012:instance/i-0123456789abcdef0")+".")
}

func readWords(texts []string) ([]word, error) {
	var words []word
	var wrong commands.Problems
	for _, text := range texts {
		w, err := readWord(text)
		if err != nil {
			wrong = append(wrong, *commands.Words(err))
			continue
		}
		words = append(words, w)
	}
	return words, wrong.Err()
}

// aim answers the target of a line: the region of an ARN is the line's region. Errors are of kind Usage.
func aim(t where.Target, words []word) (aws.Target, error) {
	target := t.At()
	for _, w := range words {
		switch {
		case w.region == "" || w.region == target.Region:
		case target.Region != "":
			return target, commands.Misuse(fmt.Sprintf("%s is in %s, and the line is about %s.", commands.Mono(w.text), w.region, target.Region),
				"One line acts in one region; send a line for each.")
		default:
			target.Region = w.region
		}
	}
	return target, nil
}

// withEnv answers the tags with the short form --env among them. Errors are of kind Usage.
func withEnv(tags map[string]string, env string) (map[string]string, error) {
	if env == "" {
		return tags, nil
	}
	if other, ok := tags["env"]; ok && other != env {
		return nil, commands.Misuse(fmt.Sprintf("--env says %s and --tag says env=%s.", commands.Mono(env), commands.Mono(other)), "Say it once.")
	}
	out := map[string]string{"env": env}
	for key, value := range tags {
		out[key] = value
	}
	return out, nil
}
