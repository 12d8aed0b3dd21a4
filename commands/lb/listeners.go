package lb

import (
	"context"
	"fmt"

	"deckhand/aws"
	"deckhand/commands"
)

// listeners are those that the line asks for: the one that forwards, and the one that sends browsers on from HTTP to HTTPS where it wants that.
func (c *Create) listeners(group, certificate string) []aws.Listener {
	s := c.settle()
	out := []aws.Listener{{Protocol: s.protocol, Port: s.port, TargetGroup: group, Certificate: certificate}}
	if s.redirect {
		out = append(out, aws.Listener{Protocol: "HTTP", Port: 80, RedirectPort: s.port})
	}
	return out
}

func (b *builder) listener(ctx context.Context) error {
	wanted := b.listeners(b.built.group.ARN, b.p.Certificate)[0]
	made, err := b.ensureListener(ctx, "CreateListener", wanted)
	if err == nil {
		b.built.listener = made
		b.built.stands("Listener", fmt.Sprintf("%s at port %d", wanted.Protocol, wanted.Port), made.ARN)
	}
	return err
}

// redirect makes the listener that sends browsers on from HTTP to HTTPS.
func (b *builder) redirect(ctx context.Context) error {
	all := b.listeners("", "")
	if len(all) == 1 {
		return nil
	}
	made, err := b.ensureListener(ctx, "CreateListener for the redirect", all[1])
	if err == nil {
		b.built.stands("Redirect", fmt.Sprintf("HTTP at port 80 to HTTPS at port %d", all[1].RedirectPort), made.ARN)
	}
	return err
}

// listening answers the listener at the wanted one's port. One that does something else is an error.
func (c *Create) listening(all []aws.Listener, wanted aws.Listener) (aws.Listener, bool, error) {
	for _, l := range all {
		switch {
		case l.Port != wanted.Port:
			continue
		case l.TargetGroup != wanted.TargetGroup || l.Protocol != wanted.Protocol || l.RedirectPort != wanted.RedirectPort:
			return l, false, taken("listener at port", fmt.Sprint(l.Port), "that does something else")
		case c.Certificate != "auto" && l.Certificate != wanted.Certificate:
			return l, false, taken("listener at port", fmt.Sprint(l.Port), "with the certificate "+commands.OrNone(l.Certificate))
		}
		return l, true, nil
	}
	return aws.Listener{}, false, nil
}

// ensureListener makes a listener where its port has none.
func (b *builder) ensureListener(ctx context.Context, step string, wanted aws.Listener) (aws.Listener, error) {
	wanted.LoadBalancer, wanted.Tags = b.built.balancer.ARN, b.tags(b.run)
	return commands.Ensure(ctx, b.run, step, func(ctx context.Context) (aws.Listener, bool, error) {
		all, err := b.cloud.Listeners(ctx, b.p.Target, wanted.LoadBalancer)
		if err != nil {
			return aws.Listener{}, false, err
		}
		return b.listening(all, wanted)
	}, func(ctx context.Context) (aws.Listener, error) {
		if b.looking {
			return aws.Listener{}, missing("listener at port " + fmt.Sprint(wanted.Port))
		}
		return b.cloud.CreateListener(ctx, b.p.Target, wanted)
	})
}
