package sandbox

import (
	"slices"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

func addRoute53(table map[string]operation) {
	table["Route 53.ListHostedZones"] = on(listHostedZones)
	table["Route 53.ListHostedZonesByName"] = on(listHostedZonesByName)
	table["Route 53.ListResourceRecordSets"] = on(listRecords)
	table["Route 53.ChangeResourceRecordSets"] = on(changeRecords)
	table["Route 53.GetChange"] = on(getChange)
	table["ACM.ListCertificates"] = on(listCertificates)
}

// dns is what Route 53 holds for an account: it knows no regions.
type dns struct {
	zones   []*zone
	changes map[string]time.Time // by id: when it was asked for
}

type zone struct {
	id, name string // the name ends with a dot
	records  []types.ResourceRecordSet
}

// names answers an account's Route 53. The world's own account has the zone example.com from the start. The caller
// holds the lock.
func (w *World) names(account string) *dns {
	if w.dns == nil {
		w.dns = map[string]*dns{}
	}
	there, ok := w.dns[account]
	if !ok {
		there = &dns{changes: map[string]time.Time{}}
		if account == w.options.AccountID {
			there.zones = []*zone{newZone("Z0123456789ABCDEFGHIJ", "example.com.")}
		}
		w.dns[account] = there
	}
	return there
}

func newZone(id, name string) *zone {
	values := func(list ...string) []types.ResourceRecord {
		var out []types.ResourceRecord
		for _, v := range list {
			out = append(out, types.ResourceRecord{Value: awssdk.String(v)})
		}
		return out
	}
	return &zone{id: id, name: name, records: []types.ResourceRecordSet{
		{Name: &name, Type: types.RRTypeNs, TTL: awssdk.Int64(172800), ResourceRecords: values("ns-1.awsdns-01.org.", "ns-2.awsdns-02.com.")},
		{Name: &name, Type: types.RRTypeSoa, TTL: awssdk.Int64(900), ResourceRecords: values("ns-1.awsdns-01.org. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400")},
	}}
}

func (z *zone) facts() types.HostedZone {
	return types.HostedZone{
		Id: awssdk.String("/hostedzone/" + z.id), Name: awssdk.String(z.name), CallerReference: awssdk.String("sandbox"),
		Config: &types.HostedZoneConfig{}, ResourceRecordSetCount: awssdk.Int64(int64(len(z.records))),
	}
}

// reversed is a name by which zones and records sort: its labels from the last to the first.
func reversed(name string) string {
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	slices.Reverse(labels)
	return strings.Join(labels, ".") + "."
}

// qualified is a name as Route 53 keeps it.
func qualified(name string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSuffix(name, ".")), "*", `\052`) + "."
}

func listHostedZones(r *region, _ *route53.ListHostedZonesInput) (*route53.ListHostedZonesOutput, error) {
	out := &route53.ListHostedZonesOutput{MaxItems: awssdk.Int32(100)}
	for _, z := range r.world.names(r.account).zones {
		out.HostedZones = append(out.HostedZones, z.facts())
	}
	return out, nil
}

// listHostedZonesByName lists zones in their order, beginning with the name that is asked for, or the one that would follow it.
func listHostedZonesByName(r *region, in *route53.ListHostedZonesByNameInput) (*route53.ListHostedZonesByNameOutput, error) {
	out := &route53.ListHostedZonesByNameOutput{MaxItems: awssdk.Int32(100), DNSName: in.DNSName}
	zones := slices.Clone(r.world.names(r.account).zones)
	slices.SortFunc(zones, func(a, b *zone) int { return strings.Compare(reversed(a.name), reversed(b.name)) })
	for _, z := range zones {
		if in.DNSName == nil || reversed(z.name) >= reversed(qualified(*in.DNSName)) {
			out.HostedZones = append(out.HostedZones, z.facts())
		}
	}
	return out, nil
}

func (r *region) zone(id *string) (*zone, error) {
	plain := strings.TrimPrefix(awssdk.ToString(id), "/hostedzone/")
	for _, z := range r.world.names(r.account).zones {
		if z.id == plain {
			return z, nil
		}
	}
	return nil, refuse("NoSuchHostedZone", "No hosted zone found with ID: "+plain)
}

func listRecords(r *region, in *route53.ListResourceRecordSetsInput) (*route53.ListResourceRecordSetsOutput, error) {
	z, err := r.zone(in.HostedZoneId)
	if err != nil {
		return nil, err
	}
	records := slices.Clone(z.records)
	slices.SortFunc(records, func(a, b types.ResourceRecordSet) int {
		return strings.Compare(reversed(*a.Name)+" "+string(a.Type), reversed(*b.Name)+" "+string(b.Type))
	})
	out := &route53.ListResourceRecordSetsOutput{MaxItems: awssdk.Int32(300)}
	for _, one := range records {
		if in.StartRecordName == nil || reversed(*one.Name) >= reversed(qualified(*in.StartRecordName)) {
			out.ResourceRecordSets = append(out.ResourceRecordSets, one)
		}
	}
	return out, nil
}

// changeRecords makes all changes of a batch or none.
func changeRecords(r *region, in *route53.ChangeResourceRecordSetsInput) (*route53.ChangeResourceRecordSetsOutput, error) {
	z, err := r.zone(in.HostedZoneId)
	if err != nil {
		return nil, err
	}
	records := slices.Clone(z.records)
	for _, c := range in.ChangeBatch.Changes {
		if records, err = z.apply(records, c); err != nil {
			return nil, err
		}
	}
	z.records = records
	id := strings.ToUpper("C" + digits(r.world.id("change"), 20))
	now := r.now()
	r.world.names(r.account).changes[id] = now
	return &route53.ChangeResourceRecordSetsOutput{ChangeInfo: &types.ChangeInfo{
		Id: awssdk.String("/change/" + id), Status: types.ChangeStatusPending, SubmittedAt: &now, Comment: in.ChangeBatch.Comment,
	}}, nil
}

func (z *zone) apply(records []types.ResourceRecordSet, c types.Change) ([]types.ResourceRecordSet, error) {
	set := *c.ResourceRecordSet
	set.Name = awssdk.String(qualified(*set.Name))
	label := "[name='" + *set.Name + "', type='" + string(set.Type) + "']"
	refused := func(why string) error { return refuse("InvalidChangeBatch", "["+why+"]") }
	if *set.Name != z.name && !strings.HasSuffix(*set.Name, "."+z.name) {
		return nil, refused("RRSet with DNS name " + *set.Name + " is not permitted in zone " + z.name)
	}
	if (set.AliasTarget == nil) == (len(set.ResourceRecords) == 0) {
		return nil, refuse("InvalidInput", "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none or several in Change with "+label)
	}
	if a := set.AliasTarget; a != nil {
		set.AliasTarget = &types.AliasTarget{DNSName: awssdk.String(qualified(*a.DNSName)), HostedZoneId: a.HostedZoneId, EvaluateTargetHealth: a.EvaluateTargetHealth}
	}
	at := slices.IndexFunc(records, func(x types.ResourceRecordSet) bool { return *x.Name == *set.Name && x.Type == set.Type })
	conflict := slices.ContainsFunc(records, func(x types.ResourceRecordSet) bool {
		return *x.Name == *set.Name && x.Type != set.Type && (x.Type == types.RRTypeCname || set.Type == types.RRTypeCname)
	})
	switch {
	case c.Action == types.ChangeActionDelete && (at < 0 || !sameRecord(records[at], set)):
		return nil, refused("Tried to delete resource record set " + label + " but it was not found")
	case c.Action == types.ChangeActionDelete:
		return slices.Delete(records, at, at+1), nil
	case c.Action == types.ChangeActionCreate && at >= 0:
		return nil, refused("Tried to create resource record set " + label + " but it already exists")
	case conflict:
		return nil, refused("RRSet of type " + string(set.Type) + " with DNS name " + *set.Name + " is not permitted as it conflicts with other records with the same DNS name in zone " + z.name)
	case at >= 0:
		records[at] = set
		return records, nil
	}
	return append(records, set), nil
}

func sameRecord(a, b types.ResourceRecordSet) bool {
	if (a.AliasTarget == nil) != (b.AliasTarget == nil) {
		return false
	}
	if a.AliasTarget != nil {
		return *a.AliasTarget.DNSName == *b.AliasTarget.DNSName && *a.AliasTarget.HostedZoneId == *b.AliasTarget.HostedZoneId &&
			a.AliasTarget.EvaluateTargetHealth == b.AliasTarget.EvaluateTargetHealth
	}
	return awssdk.ToInt64(a.TTL) == awssdk.ToInt64(b.TTL) && slices.EqualFunc(a.ResourceRecords, b.ResourceRecords, func(x, y types.ResourceRecord) bool {
		return *x.Value == *y.Value
	})
}

func getChange(r *region, in *route53.GetChangeInput) (*route53.GetChangeOutput, error) {
	id := strings.TrimPrefix(*in.Id, "/change/")
	asked, ok := r.world.names(r.account).changes[id]
	if !ok {
		return nil, refuse("NoSuchChange", "A change with id '"+id+"' could not be found.")
	}
	info := &types.ChangeInfo{Id: awssdk.String("/change/" + id), Status: types.ChangeStatusPending, SubmittedAt: &asked}
	if r.now().Sub(asked) >= r.world.options.Settle {
		info.Status = types.ChangeStatusInsync
	}
	return &route53.GetChangeOutput{ChangeInfo: info}, nil
}

// aliasesOf answers the names that lead to a load balancer's, or to a domain name's of an API. The caller holds the lock.
func (w *World) aliasesOf(dnsName string) []string {
	var names []string
	for _, account := range w.dns {
		for _, z := range account.zones {
			for _, one := range z.records {
				if one.AliasTarget != nil && *one.AliasTarget.DNSName == qualified(dnsName) {
					names = append(names, strings.TrimSuffix(*one.Name, "."))
				}
			}
		}
	}
	slices.Sort(names)
	return names
}

// Record is one record of the world's DNS: a name without its last dot, its type and what it leads to.
type Record struct{ Name, Type, Target string }

// Aliases answers every alias record of every account, by name.
func (w *World) Aliases() []Record {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []Record
	for _, account := range w.dns {
		for _, z := range account.zones {
			for _, one := range z.records {
				if one.AliasTarget != nil {
					all = append(all, Record{strings.TrimSuffix(*one.Name, "."), string(one.Type), strings.TrimSuffix(*one.AliasTarget.DNSName, ".")})
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b Record) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// certificate is the ARN of the one in a region.
func (r *region) certificate() string {
	return "arn:aws:acm:" + r.name + ":" + r.account + ":certificate/01234567-89ab-cdef-0123-456789abcdef"
}

// certified are the names that it is for.
func certified() []string { return []string{"example.com", "*.example.com"} }

// listCertificates answers the certificate that the world's own account holds for its zone.
func listCertificates(r *region, in *acm.ListCertificatesInput) (*acm.ListCertificatesOutput, error) {
	out := &acm.ListCertificatesOutput{}
	issued := len(in.CertificateStatuses) == 0 || slices.Contains(in.CertificateStatuses, acmtypes.CertificateStatusIssued)
	if r.account != r.world.options.AccountID || r.name != r.world.options.Region || !issued {
		return out, nil
	}
	ends := r.now().Add(300 * 24 * time.Hour)
	out.CertificateSummaryList = []acmtypes.CertificateSummary{{
		CertificateArn: awssdk.String(r.certificate()),
		DomainName:     awssdk.String("example.com"), SubjectAlternativeNameSummaries: certified(),
		Status: acmtypes.CertificateStatusIssued, KeyAlgorithm: acmtypes.KeyAlgorithmRsa2048, NotAfter: &ends,
	}}
	return out, nil
}
