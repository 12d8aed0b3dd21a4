package wire

import (
	"context"
	"os"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
)

// Endpoint is where a service is asked, and in which region its signatures are.
type Endpoint struct{ URL, Region string }

// partition is a part of AWS with accounts and domains of its own.
type partition struct {
	name, prefix      string // of its regions' names
	domain, dualStack string
}

// partitions have no order but that the one without a prefix, which has all other regions, is the last.
// Source: https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
func partitions() []partition {
	return []partition{
		{"aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
		{"aws-us-gov", "us-gov-", "amazonaws.com", "api.aws"},
		{"aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov"},
		{"aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud"},
		{"aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
		{"aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
		{"aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu"},
		{"aws", "", "amazonaws.com", "api.aws"},
	}
}

func partitionOf(region string) partition {
	all := partitions()
	for _, p := range all {
		if strings.HasPrefix(region, p.prefix) {
			return p
		}
	}
	return all[len(all)-1]
}

// at is where a configuration has the service: an endpoint that it names, for this service before one for all, or AWS's own.
func (s Service) at(config awssdk.Config) Endpoint {
	if base, ok := s.named(config); ok {
		return Endpoint{URL: base, Region: config.Region}
	}
	p := partitionOf(config.Region)
	if home, ok := s.Homes[p.name]; ok {
		return Endpoint{URL: "https://" + home.Host, Region: home.Region}
	}
	host, domain := s.Host, p.domain
	if approved(config) {
		host += "-fips"
	}
	if bothVersions(config) {
		domain = p.dualStack
	}
	return Endpoint{URL: "https://" + host + "." + config.Region + "." + domain, Region: config.Region}
}

// named is the endpoint that the program, the environment or the shared files name for this service.
func (s Service) named(config awssdk.Config) (string, bool) {
	base := ""
	if config.BaseEndpoint != nil {
		base = *config.BaseEndpoint
	}
	_, forAll := os.LookupEnv("AWS_ENDPOINT_URL")
	_, forThis := os.LookupEnv("AWS_ENDPOINT_URL_" + strings.ToUpper(strings.ReplaceAll(s.ID, " ", "_")))
	if !forAll || forThis {
		if value, found := first(config, func(source interface {
			GetServiceBaseEndpoint(ctx context.Context, service string) (string, bool, error)
		}) (string, bool, error) {
			return source.GetServiceBaseEndpoint(context.Background(), s.ID)
		}); found {
			base = value
		}
	}
	return base, base != ""
}

func approved(config awssdk.Config) bool {
	state, _ := first(config, func(source interface {
		GetUseFIPSEndpoint(ctx context.Context) (awssdk.FIPSEndpointState, bool, error)
	}) (awssdk.FIPSEndpointState, bool, error) {
		return source.GetUseFIPSEndpoint(context.Background())
	})
	return state == awssdk.FIPSEndpointStateEnabled
}

func bothVersions(config awssdk.Config) bool {
	state, _ := first(config, func(source interface {
		GetUseDualStackEndpoint(ctx context.Context) (awssdk.DualStackEndpointState, bool, error)
	}) (awssdk.DualStackEndpointState, bool, error) {
		return source.GetUseDualStackEndpoint(context.Background())
	})
	return state == awssdk.DualStackEndpointStateEnabled
}

// first asks what a configuration was made from, the environment and the shared files, until one of them knows.
func first[Source, Value any](config awssdk.Config, ask func(Source) (Value, bool, error)) (value Value, found bool) {
	for _, origin := range config.ConfigSources {
		source, ok := origin.(Source)
		if !ok {
			continue
		}
		if value, found, err := ask(source); err == nil && found {
			return value, true
		}
	}
	return value, false
}
