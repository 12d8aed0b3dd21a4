package sdk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// HostedZone answers the public hosted zone that a name belongs to: the longest one that it ends with.
func (c *Cloud) HostedZone(ctx context.Context, t aws.Target, name string) (aws.HostedZone, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.HostedZone{}, err
	}
	name = bare(&name)
	for rest := name; strings.Contains(rest, "."); _, rest, _ = strings.Cut(rest, ".") {
		found, err := zonesNamed(ctx, ready.dns, rest)
		if err != nil {
			return aws.HostedZone{}, err
		}
		if len(found) > 1 {
			return aws.HostedZone{}, &Error{
				kind: kindAmbiguous, message: fmt.Sprintf("There are %d public hosted zones named %s in Route 53, and only one of them can be the one in use.", len(found), rest),
				hint: "Delete the one that the domain is not delegated to, then try again.",
			}
		}
		if len(found) == 1 {
			return found[0], nil
		}
	}
	return aws.HostedZone{}, &Error{
		kind: kindNotFound, message: "Route 53 has no public hosted zone in this account that " + name + " belongs to.",
		hint: "Take a name in a zone that is there, make a hosted zone for it first, or leave the alias out.",
	}
}

// zonesNamed answers the public zones with exactly this name.
func zonesNamed(ctx context.Context, client dnsCalls, name string) ([]aws.HostedZone, error) {
	var found []aws.HostedZone
	in := &route53.ListHostedZonesByNameInput{DNSName: awssdk.String(name + ".")}
	for {
		out, err := ask(ctx, client.ListHostedZonesByName, in)
		if err != nil {
			return nil, err
		}
		for _, z := range out.HostedZones {
			private := z.Config != nil && z.Config.PrivateZone
			if bare(z.Name) == name && !private {
				found = append(found, aws.HostedZone{ID: strings.TrimPrefix(awssdk.ToString(z.Id), "/hostedzone/"), Name: name})
			}
		}
		if !out.IsTruncated || bare(out.NextDNSName) != name { // sorted by name: those that follow have others
			return found, nil
		}
		in.DNSName, in.HostedZoneId = out.NextDNSName, out.NextHostedZoneId
	}
}

// Records answers the records of a zone that have exactly this name.
func (c *Cloud) Records(ctx context.Context, t aws.Target, zone, name string) ([]aws.Record, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	name = bare(&name)
	var found []aws.Record
	in := &route53.ListResourceRecordSetsInput{HostedZoneId: &zone, StartRecordName: awssdk.String(name + ".")}
	for {
		out, err := ask(ctx, ready.dns.ListResourceRecordSets, in)
		if err != nil {
			return nil, err
		}
		for _, r := range out.ResourceRecordSets {
			if bare(r.Name) == name {
				found = append(found, recordOf(r))
			}
		}
		if !out.IsTruncated || bare(out.NextRecordName) != name { // sorted by name: those that follow have others
			return found, nil
		}
		in.StartRecordName, in.StartRecordType, in.StartRecordIdentifier = out.NextRecordName, out.NextRecordType, out.NextRecordIdentifier
	}
}

func recordOf(r types.ResourceRecordSet) aws.Record {
	out := aws.Record{Name: bare(r.Name), Type: string(r.Type), Plain: r.SetIdentifier == nil}
	for _, v := range r.ResourceRecords {
		out.Values = append(out.Values, awssdk.ToString(v.Value))
	}
	if r.AliasTarget != nil {
		out.AliasName, out.AliasZone = bare(r.AliasTarget.DNSName), awssdk.ToString(r.AliasTarget.HostedZoneId)
		out.Follows = r.AliasTarget.EvaluateTargetHealth
	}
	return out
}

// SetAlias makes a name lead to a load balancer. A record of the name that leads elsewhere, be it only since a moment, is an error where
// the alias does not replace it. It answers the id of the change, an empty one where the record was there.
func (c *Cloud) SetAlias(ctx context.Context, t aws.Target, a aws.Alias) (string, error) {
	if a.Replaces {
		return c.changeAlias(ctx, t, a, types.ChangeActionUpsert)
	}
	id, err := c.changeAlias(ctx, t, a, types.ChangeActionCreate)
	if codeOf(err) != "InvalidChangeBatch" {
		return id, err
	}
	there, lookErr := c.Records(ctx, t, a.Zone, a.Name)
	switch at := slices.IndexFunc(there, func(r aws.Record) bool { return r.Type == "A" }); {
	case lookErr != nil || at < 0:
		return "", err
	case there[at].AliasName == bare(&a.Target):
		return "", nil
	}
	return "", &Error{
		Code: codeOf(err), Operation: "ChangeResourceRecordSets", kind: kindConflict, err: err,
		message: "The name " + a.Name + " has got a record that leads elsewhere meanwhile, so that was left as it is.", hint: "The same line again tells where it leads.",
	}
}

// DeleteAlias removes an alias record that is exactly so, for AWS deletes no other; one that is not there is no error, and the id is empty then.
func (c *Cloud) DeleteAlias(ctx context.Context, t aws.Target, a aws.Alias) (string, error) {
	id, err := c.changeAlias(ctx, t, a, types.ChangeActionDelete)
	if codeOf(err) != "InvalidChangeBatch" {
		return id, err
	}
	left, lookErr := c.Records(ctx, t, a.Zone, a.Name)
	if lookErr != nil || slices.ContainsFunc(left, func(r aws.Record) bool { return r.AliasName == bare(&a.Target) }) {
		return "", err
	}
	return "", nil
}

// changeAlias may be repeated: setting what is set changes nothing, and AWS refuses to add what is there and to delete what is gone.
func (c *Cloud) changeAlias(ctx context.Context, t aws.Target, a aws.Alias, action types.ChangeAction) (string, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return "", err
	}
	out, err := repeat(ctx, ready.dns.ChangeResourceRecordSets, &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: &a.Zone,
		ChangeBatch: &types.ChangeBatch{Comment: optional(a.Comment), Changes: []types.Change{{
			Action: action,
			ResourceRecordSet: &types.ResourceRecordSet{
				Name: &a.Name, Type: types.RRTypeA,
				AliasTarget: &types.AliasTarget{DNSName: &a.Target, HostedZoneId: &a.TargetZone, EvaluateTargetHealth: a.Follows},
			},
		}}},
	})
	if err != nil || out.ChangeInfo == nil {
		return "", err
	}
	return strings.TrimPrefix(awssdk.ToString(out.ChangeInfo.Id), "/change/"), nil
}

// WaitForDNS waits until all of Route 53's servers know of a change, or until ctx is done; it tells which of the two it was.
func (c *Cloud) WaitForDNS(ctx context.Context, t aws.Target, change string) (everywhere bool, err error) {
	ready, _, err := c.at(t)
	if err != nil || change == "" {
		return change == "", err
	}
	err = c.poll(ctx, func() (bool, error) {
		out, err := ask(ctx, ready.dns.GetChange, &route53.GetChangeInput{Id: &change})
		if err != nil {
			return false, err
		}
		everywhere = out.ChangeInfo != nil && out.ChangeInfo.Status == types.ChangeStatusInsync
		return everywhere, nil
	})
	if err != nil && errors.Is(err, ctx.Err()) {
		return false, nil
	}
	return everywhere, err
}

// Certificates answers the issued certificates of ACM in the target's region.
func (c *Cloud) Certificates(ctx context.Context, t aws.Target) ([]aws.Certificate, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []aws.Certificate
	in := func(token *string) *acm.ListCertificatesInput {
		return &acm.ListCertificatesInput{
			CertificateStatuses: []acmtypes.CertificateStatus{acmtypes.CertificateStatusIssued}, NextToken: token,
			// Without this, AWS leaves out every certificate whose key is not RSA with 2048 bits or fewer.
			Includes: &acmtypes.Filters{KeyTypes: acmtypes.KeyAlgorithm("").Values()},
		}
	}
	for token := (*string)(nil); ; {
		out, err := ask(ctx, ready.acm.ListCertificates, in(token))
		if err != nil {
			return nil, err
		}
		for _, one := range out.CertificateSummaryList {
			found := aws.Certificate{ARN: awssdk.ToString(one.CertificateArn), Domains: one.SubjectAlternativeNameSummaries, ExpiresAt: awssdk.ToTime(one.NotAfter)}
			if len(found.Domains) == 0 {
				found.Domains = []string{awssdk.ToString(one.DomainName)}
			}
			all = append(all, found)
		}
		if token = out.NextToken; awssdk.ToString(token) == "" {
			return all, nil
		}
	}
}
