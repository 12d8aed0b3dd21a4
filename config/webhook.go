package config

import (
	"strings"

	"deckhand/commands/probe"
)

// readWebhooks reads the addresses that are called where nobody acknowledges. They are secrets: who knows one can raise an alarm.
func (r *reader) readWebhooks(raw []rawWebhook) []Webhook {
	var out []Webhook
	names := unique{r: r, what: "webhook"}
	for _, one := range raw {
		names.check(one.Name, one.Line, "A webhook's name")
		const key, example = "health.webhooks.url", "env:PAGER_URL"
		valid := Webhook{Name: one.Name.Value}
		if r.required(one.URL, one.Line, key, "Write "+example+", and put the address there.") {
			if ref, ok := r.reference(one.URL, key, example); ok {
				valid.URL = NewSecret(r.secretAddress(ref, one.URL.Line))
			}
		}
		valid.Authorization = r.authorization(one.Authorization)
		out = append(out, valid)
		r.webhooks = append(r.webhooks, valid.Name)
	}
	return out
}

// authorization reads the value of that header: a reference, and a word such as Bearer in front of it.
func (r *reader) authorization(value text) Secret {
	if value.Value == "" {
		return Secret{}
	}
	const key, example = "health.webhooks.authorization", `"Bearer env:PAGER_TOKEN"`
	before, reference, there := probe.Reference(value.Value)
	scheme := strings.TrimSuffix(before, " ")
	if !there || strings.ContainsAny(scheme, " \t") || probe.Header("Authorization", before) != nil {
		r.reference(text{Line: value.Line}, key, example) // which says how it is written
		return Secret{}
	}
	ref, ok := r.reference(text{Value: reference, Line: value.Line}, key, example)
	if !ok {
		return Secret{}
	}
	return NewSecret(before + r.resolve(ref, value.Line))
}
