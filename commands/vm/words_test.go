package vm

import (
	"testing"

	"deckhand/commands"
	"deckhand/commands/where"
)

func TestWordsThatNameAnInstance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text  string
		kind  kindOfWord
		value string
	}{
		{"web-1", byName, "web-1"},
		{"i-0123456789abcdef0", byID, "i-0123456789abcdef0"},
		{"I-0ABC", byID, "i-0abc"},
		{"i-am-a-name", byName, "i-am-a-name"},
		{"10.0.0.7", byPrivateIP, "10.0.0.7"},
		{"10.0.0.300", byName, "10.0.0.300"},
		{"fe80::1", byName, "fe80::1"},
		{"arn:aws:ec2:us-east-1:123456789012:instance/i-0abc", byID, "i-0abc"},
		{"arn:aws-cn:ec2:cn-north-1:123456789012:instance/i-0abc", byID, "i-0abc"},
	} {
		if w, err := readWord(test.text); err != nil || w.kind != test.kind || w.value != test.value {
			t.Errorf("%s: %+v, %v", test.text, w, err)
		}
	}
	for _, text := range []string{"", "  ", "arn:aws:s3:::bucket", "arn:aws:ec2:us-east-1:1:volume/vol-1", "arn:aws:ec2::1:instance/i-0abc", "arn:aws"} {
		if w, err := readWord(text); err == nil || commands.Words(err).Kind != commands.Usage {
			t.Errorf("%q was read as %+v, %v", text, w, err)
		}
	}
}

func TestTheRegionOfAnARNIsTheLines(t *testing.T) {
	t.Parallel()
	const east, west = "arn:aws:ec2:us-east-1:1:instance/i-0a", "arn:aws:ec2:us-west-2:1:instance/i-0b"
	for _, test := range []struct {
		says   string
		region string
		texts  []string
		want   string // "" is refused
	}{
		{"the ARN decides", "", []string{west}, "us-west-2"},
		{"a flag may agree", "us-west-2", []string{west, "web"}, "us-west-2"},
		{"a flag may not disagree", "us-east-1", []string{west}, ""},
		{"two ARNs may not disagree", "", []string{east, west}, ""},
	} {
		words, err := readWords(test.texts)
		if err != nil {
			t.Fatal(err)
		}
		target, err := aim(where.Target{Region: test.region}, words)
		if (err == nil) != (test.want != "") || err == nil && target.Region != test.want {
			t.Errorf("%s: %+v, %v", test.says, target, err)
		}
	}
}

func TestEnvIsShortForATag(t *testing.T) {
	t.Parallel()
	tags, err := withEnv(map[string]string{"team": "a"}, "dev")
	if err != nil || commands.TagWords(tags) != "env=dev, team=a" {
		t.Error(tags, err)
	}
	if _, err := withEnv(map[string]string{"env": "prod"}, "dev"); err == nil {
		t.Error("two environments at once were taken")
	}
}

func TestAgeInItsLargestUnit(t *testing.T) {
	t.Parallel()
	for ago, want := range map[string]string{"5s": "5s", "90s": "1m", "59m59s": "59m", "47h": "47h", "48h": "2d", "1000h": "41d", "-5s": "0s"} {
		if got := age(now.Add(-duration(t, ago)), now); got != want {
			t.Errorf("%s ago: %s, want %s", ago, got, want)
		}
	}
}
