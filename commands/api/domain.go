package api

import (
	"context"
	"fmt"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/lb"
	"deckhand/commands/spelling"
	"deckhand/commands/where"
)

// A name of one's own is three things that are made and removed together: the domain name in API Gateway, its mapping to the API, and the record in
// Route 53 that leads to it. What others made of these is never changed; see docs/decisions/0072.

// Names is domain names of API Gateway, with the records and certificates that they need. What is gone already is no error to a removal.
type Names interface {
	APIDomains(ctx context.Context, t aws.Target) ([]aws.APIDomain, error)
	// APIDomain answers an error of kind NotFound where there is none of this name.
	APIDomain(ctx context.Context, t aws.Target, name string) (aws.APIDomain, error)
	CreateAPIDomain(ctx context.Context, t aws.Target, d aws.APIDomain) error
	WaitForAPIDomain(ctx context.Context, t aws.Target, name string, progress func(aws.APIDomain)) (aws.APIDomain, error)
	DeleteAPIDomain(ctx context.Context, t aws.Target, name string) error
	APIMappings(ctx context.Context, t aws.Target, domain string) ([]aws.APIMapping, error)
	CreateAPIMapping(ctx context.Context, t aws.Target, domain string, m aws.APIMapping) error
	DeleteAPIMapping(ctx context.Context, t aws.Target, domain, id string) error

	HostedZone(ctx context.Context, t aws.Target, name string) (aws.HostedZone, error)
	Records(ctx context.Context, t aws.Target, zone, name string) ([]aws.Record, error)
	SetAlias(ctx context.Context, t aws.Target, a aws.Alias) (change string, err error)
	DeleteAlias(ctx context.Context, t aws.Target, a aws.Alias) (change string, err error)
	WaitForDNS(ctx context.Context, t aws.Target, change string) (everywhere bool, err error)
	Certificates(ctx context.Context, t aws.Target) ([]aws.Certificate, error)
}

// apiTag is on a domain name: the id of the API that it was made for.
const apiTag = "deckhand:api"

// Naming is the flags about a name of one's own, besides the name.
type Naming struct {
	Certificate string `flag:"certificate" alias:"certificate-arn" value:"ARN" help:"Certificate for the domain name: an ARN, or auto, the default, for the one of ACM that fits it."`
	Watch       *bool  `flag:"check" help:"Watch the domain name with a health check of deckhand; --no-check does not."`
}

// check tells what can be known of a name without AWS; "" is none.
func (n Naming) check(name string) error {
	switch {
	case name == "" && n.Certificate != "":
		return commands.Misuse("A certificate goes with a domain name, and there is none.", "Name it with "+commands.Mono("--domain-name")+".")
	case name != "" && !spelling.Host(name):
		return commands.Misuse(commands.Mono(name)+" is not a domain name.", "It looks like api.example.com.")
	case n.Certificate != "" && n.Certificate != "auto" && !strings.HasPrefix(n.Certificate, "arn:"):
		return commands.Misuse(commands.Mono(n.Certificate)+" is not the ARN of a certificate.", "It begins with arn:aws:acm:.")
	}
	return nil
}

// plain is a name as API Gateway and Route 53 keep it.
func plain(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// plate is a name that an API is to have, with what is there of it. It is kept in the journal: what was approved is what is made.
type plate struct {
	Name        string // "" is none
	Zone        aws.HostedZone
	Certificate string    // ARN
	Ends        time.Time // of a certificate that was chosen here
	By          string    // the request that made what is there of it, "" where nothing is
	Stands      bool      // nothing of it is missing
}

// plate looks up everything that a name needs, before anything is made.
func (n Naming) plate(ctx context.Context, cloud Names, p picked, name string, now time.Time) (plate, error) {
	out := plate{Name: plain(name), Certificate: n.Certificate}
	if name == "" {
		return plate{}, nil
	}
	d, found, err := domainThere(ctx, cloud, p, out.Name)
	if err != nil {
		return out, err
	}
	mapped := false
	if found {
		if mapped, err = mappingThere(ctx, cloud, p, out.Name); err != nil {
			return out, err
		}
	}
	if out.Zone, err = cloud.HostedZone(ctx, p.Target, out.Name); err != nil {
		return out, err
	}
	recorded, err := recordThere(ctx, cloud, p.Target, out.Zone, out.Name, d.Target)
	if err != nil {
		return out, err
	}
	if !found {
		return n.certified(ctx, cloud, p.Target, out, now)
	}
	if strings.HasPrefix(n.Certificate, "arn:") && n.Certificate != d.Certificate {
		return out, commands.Conflicting("The domain name "+commands.Mono(d.Name)+" stands with the certificate "+commands.Mono(d.Certificate)+".", "Leave "+commands.Mono("--certificate")+" out, or remove the name first.")
	}
	out.Certificate, out.By, out.Stands = d.Certificate, d.Tags[commands.RequestTag], mapped && recorded
	return out, nil
}

// certified chooses the certificate where the line leaves that to us.
func (n Naming) certified(ctx context.Context, cloud Names, t aws.Target, out plate, now time.Time) (plate, error) {
	if strings.HasPrefix(n.Certificate, "arn:") {
		return out, nil
	}
	all, err := cloud.Certificates(ctx, t)
	if err != nil {
		return out, err
	}
	best, err := lb.CertificateFor(all, out.Name, now)
	out.Certificate, out.Ends = best.ARN, best.ExpiresAt
	return out, err
}

// domainThere looks for a domain name. One that deckhand did not make is an error.
func domainThere(ctx context.Context, cloud Names, p picked, name string) (aws.APIDomain, bool, error) {
	d, err := cloud.APIDomain(ctx, p.Target, name)
	switch {
	case err != nil && commands.Words(err).Kind == commands.NotFound:
		return aws.APIDomain{}, false, nil
	case err != nil:
		return d, false, err
	case d.Tags[commands.RequestTag] == "":
		return d, false, &commands.Error{
			Kind: commands.Conflict, Message: "The domain name " + commands.Mono(name) + " is in API Gateway already, and deckhand did not make it, so it was left as it is.",
			Hint: "Take another name, or remove that one in AWS first.",
		}
	}
	return d, true, nil
}

// mappingThere looks for the mapping of a whole domain name to the API. One that leads elsewhere is an error.
func mappingThere(ctx context.Context, cloud Names, p picked, name string) (bool, error) {
	all, err := cloud.APIMappings(ctx, p.Target, name)
	for _, m := range all {
		switch {
		case m.Key != "":
		case m.API == p.API.ID && m.Stage == everything:
			return true, err
		default:
			return false, &commands.Error{
				Kind: commands.Conflict, Message: fmt.Sprintf("%s leads to the API %s already, stage %s, so it was left as it is.", commands.Mono(name), commands.Mono(m.API), commands.Mono(m.Stage)),
				Hint: "Take another name, or remove that one first: " + commands.Mono(where.Line(p.Target, "api domain remove", name)) + ".",
			}
		}
	}
	return false, err
}

// recordThere looks for the record that leads to a domain name's target. One that leads elsewhere is an error.
func recordThere(ctx context.Context, cloud Names, t aws.Target, zone aws.HostedZone, name, target string) (bool, error) {
	all, err := cloud.Records(ctx, t, zone.ID, name)
	stands := false
	for _, r := range all {
		switch {
		case ours(r, target):
			stands = true
		case r.Type == "A" || r.Type == "AAAA" || r.Type == "CNAME":
			return false, &commands.Error{
				Kind: commands.Conflict, Message: fmt.Sprintf("%s has a record of type %s already, which leads to %s, so it was left as it is.", commands.Mono(name), r.Type, lb.LeadsTo(r)),
				Hint: "Take another name, or remove that record first.",
			}
		}
	}
	return stands, err
}

// ours tells whether a record is the one that leads to a domain name's target.
func ours(r aws.Record, target string) bool {
	return r.Type == "A" && r.Plain && target != "" && strings.EqualFold(r.AliasName, target)
}

// words say on the plan what the name will be; "" where there is none.
func (n plate) words() string {
	text := commands.Mono(n.Name) + " in the hosted zone " + n.Zone.Name + ", TLS 1.2 or later, certificate " + commands.Mono(n.Certificate)
	if !n.Ends.IsZero() {
		text += ", which ends at " + commands.At(n.Ends)
	}
	switch {
	case n.Stands:
		text += "; it stands already"
	case n.By != "":
		text += "; a part of it stands, made by " + n.By
	}
	return text
}

func removeName(t aws.Target, name string) string { return where.Line(t, "api domain remove", name) }

const (
	domainPatience = 5 * time.Minute // for a domain name to answer
	dnsPatience    = 2 * time.Minute // for Route 53's servers to know it
)

// name gives the API its name: the domain name, its mapping, and last the record, so that nobody is led to what does not answer yet.
func (b *builder) name(ctx context.Context, n plate, more map[string]string) error {
	if n.Name == "" {
		return nil
	}
	b.run.Say("Making the domain name " + n.Name + ". AWS makes one in 30 seconds.")
	err := b.one(ctx, "CreateDomainName", func(ctx context.Context) (found bool, err error) {
		_, found, err = domainThere(ctx, b.cloud, b.picked, n.Name)
		return found, err
	}, func(ctx context.Context) error {
		tags := b.run.Tags("", more)
		tags[commands.TokenTag], tags[apiTag] = b.run.Token, b.API.ID
		return b.cloud.CreateAPIDomain(ctx, b.Target, aws.APIDomain{Name: n.Name, Certificate: n.Certificate, Tags: tags})
	})
	if err != nil {
		return err
	}
	b.done = append(b.done, "the domain name "+commands.Mono(n.Name))
	limited, cancel := context.WithTimeout(ctx, domainPatience)
	defer cancel()
	d, err := b.cloud.WaitForAPIDomain(limited, b.Target, n.Name, func(now aws.APIDomain) { b.run.Say("The domain name " + n.Name + " is " + now.Status) })
	if err != nil {
		return err
	}
	err = b.one(ctx, "CreateApiMapping", func(ctx context.Context) (bool, error) { return mappingThere(ctx, b.cloud, b.picked, n.Name) }, func(ctx context.Context) error {
		return b.cloud.CreateAPIMapping(ctx, b.Target, n.Name, aws.APIMapping{API: b.API.ID, Stage: everything})
	})
	if err != nil {
		return err
	}
	b.done = append(b.done, "its mapping to the API")
	return b.record(ctx, n, d)
}

// one is commands.Ensure for what AWS has one of: where making it is refused it may have been there for a moment already, by this very line.
func (b *builder) one(ctx context.Context, step string, find func(context.Context) (bool, error), create func(context.Context) error) error {
	_, err := commands.Ensure(ctx, b.run, step, func(ctx context.Context) (bool, bool, error) {
		found, err := find(ctx)
		return found, found, err
	}, func(ctx context.Context) (bool, error) {
		err := create(ctx)
		if err != nil && !commands.IsUncertain(err) {
			if found, lookErr := find(ctx); lookErr == nil && found {
				return true, nil
			}
		}
		return true, err
	})
	return err
}

// record leads the name to API Gateway, and waits until the name servers know it.
func (b *builder) record(ctx context.Context, n plate, d aws.APIDomain) error {
	if d.Target == "" {
		return &commands.Error{Kind: commands.Failed, Message: "AWS does not say where a record of " + commands.Mono(n.Name) + " is to lead, so none was made.", Hint: "The same line again makes it once AWS does."}
	}
	change, err := commands.Ensure(ctx, b.run, "ChangeResourceRecordSets", func(ctx context.Context) (string, bool, error) {
		stands, err := recordThere(ctx, b.cloud, b.Target, n.Zone, n.Name, d.Target)
		return "", stands, err
	}, func(ctx context.Context) (string, error) {
		return b.cloud.SetAlias(ctx, b.Target, aws.Alias{Zone: n.Zone.ID, Name: n.Name, Target: d.Target, TargetZone: d.TargetZone, Comment: strings.TrimSpace("deckhand " + b.run.ID)})
	})
	if err != nil {
		return err
	}
	b.done = append(b.done, "the record "+commands.Mono(n.Name))
	b.run.Say("Waiting until the name servers know " + n.Name)
	limited, cancel := context.WithTimeout(ctx, dnsPatience)
	defer cancel()
	everywhere, err := b.cloud.WaitForDNS(limited, b.Target, change)
	if err != nil {
		b.notes = append(b.notes, "Whether all name servers know "+commands.Mono(n.Name)+" could not be asked: "+commands.Words(err).Message)
	} else if !everywhere {
		b.notes = append(b.notes, "Not all name servers know "+commands.Mono(n.Name)+" yet; Route 53 goes on telling them.")
	}
	return ctx.Err()
}

// named is the API as it answers at its name.
func (p picked) named(n plate) picked {
	if n.Name != "" {
		p.API.Endpoint = "https://" + n.Name
	}
	return p
}
