package sdk

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	pricetypes "github.com/aws/aws-sdk-go-v2/service/pricing/types"
)

const (
	// priceRegion has the price list of all regions; few regions have one.
	// Source: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html
	priceRegion = "us-east-1"
	priceAge    = 24 * time.Hour   // AWS changes prices seldom
	priceRest   = 3 * time.Minute  // before the list is asked again after it failed
	priceLimit  = 10 * time.Second // for one question, whoever waits for it
	pricePages  = 5                // of products that fit; so many more than one are never alike
)

// priceBook remembers prices, and what the list is being asked for. The zero value is empty.
type priceBook struct {
	mu     sync.Mutex
	known  map[string]quote
	asking map[string]chan struct{} // closed when the answer is known
}

// quote is an answer of the price list: a price, or why there is none.
type quote struct {
	price aws.Price
	err   error
	til   time.Time
}

// Price answers what an instance of a type costs on demand. The platform is in EC2's words, "Linux/UNIX". What cannot be told for
// certain is an error.
func (c *Cloud) Price(ctx context.Context, t aws.Target, name, platform string) (aws.Price, error) {
	system, ok := systemOf(platform)
	switch {
	case strings.HasSuffix(platform, ofItsOwn):
		return aws.Price{}, &Error{kind: kindNotFound, message: "It has hardware of its own, whose price is not looked up."}
	case !ok:
		return aws.Price{}, &Error{kind: kindNotFound, message: "AWS does not say which operating system is to be paid for."}
	}
	price, err := c.listed(ctx, t, name+"/"+system, func(ctx context.Context, client priceCalls, region string) (float64, error) {
		return askPrice(ctx, client, product{
			what: name, service: "AmazonEC2", unit: hours,
			want: map[string]string{
				"instanceType": name, "regionCode": region, "operatingSystem": system, "tenancy": "Shared",
				"preInstalledSw": "NA", "capacitystatus": "Used", "licenseModel": "No License required",
			},
		})
	})
	price.System = system
	return price, err
}

// listed answers a price that is remembered, or asks for it.
func (c *Cloud) listed(ctx context.Context, t aws.Target, what string, ask func(context.Context, priceCalls, string) (float64, error)) (aws.Price, error) {
	ready, t, err := c.at(t)
	if err != nil {
		return aws.Price{}, err
	}
	if partition := (aws.Place{Region: t.Region}).Partition(); partition != "aws" {
		return aws.Price{}, &Error{kind: kindNotFound, message: "The price list in dollars, of " + priceRegion + ", answers nobody of " + t.Region + ", which is in the partition " + partition + "."}
	}
	return c.prices.answer(ctx, t.Region+"/"+what, func(ctx context.Context) (float64, error) { return ask(ctx, ready.prices, t.Region) })
}

// answer is what is remembered, or what asking for it answers. The question goes on when the caller does not wait for its answer, so that
// whoever comes next has it.
func (b *priceBook) answer(ctx context.Context, key string, ask func(context.Context) (float64, error)) (aws.Price, error) {
	if q, ok := b.look(key, time.Now()); ok {
		return q.price, q.err
	}
	answered := b.question(key, func() quote {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), priceLimit)
		defer cancel()
		usd, err := ask(ctx)
		if err != nil {
			return quote{err: err, til: time.Now().Add(priceRest)}
		}
		return quote{price: aws.Price{USDPerHour: usd}, til: time.Now().Add(priceAge)}
	})
	select {
	case <-answered:
		q, _ := b.look(key, time.Now())
		return q.price, q.err
	case <-ctx.Done():
		return aws.Price{}, &Error{Operation: "GetProducts", kind: kindUnavailable, message: "AWS's price list has not answered yet.", hint: "The same line in a moment has its answer.", err: ctx.Err()}
	}
}

// question asks in the background, once for all who want to know, and answers what is closed when the answer is known.
func (b *priceBook) question(key string, ask func() quote) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if answered := b.asking[key]; answered != nil {
		return answered
	}
	if b.asking == nil {
		b.asking = map[string]chan struct{}{}
	}
	answered := make(chan struct{})
	b.asking[key] = answered
	go func() {
		q := ask()
		b.keep(key, q)
		b.mu.Lock()
		delete(b.asking, key)
		b.mu.Unlock()
		close(answered)
	}()
	return answered
}

func (b *priceBook) look(key string, now time.Time) (quote, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	q, ok := b.known[key]
	return q, ok && now.Before(q.til)
}

func (b *priceBook) keep(key string, q quote) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.known == nil {
		b.known = map[string]quote{}
	}
	b.known[key] = q
}

// ofItsOwn follows the platform of an instance on dedicated hardware: that is another product of the price list, or is paid for by the host.
const ofItsOwn = " on hardware of its own"

// systemOf is the price list's word for what EC2 calls a platform. Software that is paid for by the hour is left out.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/billing-info-fields.html
func systemOf(platform string) (string, bool) {
	switch platform {
	case "Linux/UNIX":
		return "Linux", true
	case "Windows":
		return "Windows", true
	case "Red Hat Enterprise Linux":
		return "RHEL", true
	case "SUSE Linux":
		return "SUSE", true
	default:
		return "", false
	}
}

// product is one line of the price list.
type product struct {
	what    string            // for people
	service string            // "AmazonEC2"
	unit    string            // what the price is for, "Hrs"; "": what its usage says
	want    map[string]string // its attributes, as the list filters by them
	usage   func(usagetype string) bool
	tier    bool // the price falls with how much is used: the first price counts
}

const hours = "Hrs"

// askPrice answers the single price of a product, in dollars. Where the list has none, or several, that is an error.
func askPrice(ctx context.Context, client priceCalls, p product) (float64, error) {
	in := &pricing.GetProductsInput{ServiceCode: &p.service, FormatVersion: awssdk.String("aws_v1")}
	for _, field := range slices.Sorted(maps.Keys(p.want)) {
		in.Filters = append(in.Filters, pricetypes.Filter{
			Field: awssdk.String(field), Type: pricetypes.FilterTypeTermMatch, Value: awssdk.String(p.want[field]),
		})
	}
	found := map[float64]bool{}
	for page := 0; ; page++ {
		out, err := ask(ctx, client.GetProducts, in)
		if err != nil {
			return 0, err
		}
		for _, raw := range out.PriceList {
			for _, price := range pricesOf(raw, p) {
				found[price] = true
			}
		}
		if in.NextToken = out.NextToken; awssdk.ToString(in.NextToken) == "" {
			break
		}
		if page == pricePages {
			found = nil
			break
		}
	}
	if len(found) != 1 {
		return 0, &Error{Operation: "GetProducts", kind: kindNotFound, message: "The price list has no single price for " + p.what + " in " + p.want["regionCode"] + "."}
	}
	for price := range found {
		return price, nil
	}
	return 0, nil
}

// pricesOf answers the on-demand prices in one product of the price list, where the product is what was asked for. Products
// without a price, such as those of capacity that is paid for otherwise, have none.
func pricesOf(raw string, p product) []float64 {
	var product struct {
		Product struct {
			Attributes map[string]string `json:"attributes"`
		} `json:"product"`
		Terms struct {
			OnDemand map[string]struct {
				PriceDimensions map[string]struct {
					Unit         string            `json:"unit"`
					Begins       string            `json:"beginRange"`
					PricePerUnit map[string]string `json:"pricePerUnit"`
				} `json:"priceDimensions"`
			} `json:"OnDemand"`
		} `json:"terms"`
	}
	if json.Unmarshal([]byte(raw), &product) != nil {
		return nil
	}
	for field, value := range p.want {
		if got, given := product.Product.Attributes[field]; given && got != value {
			return nil
		}
	}
	if p.usage != nil && !p.usage(product.Product.Attributes["usagetype"]) {
		return nil
	}
	var prices []float64
	for _, term := range product.Terms.OnDemand {
		for _, d := range term.PriceDimensions {
			if price, err := strconv.ParseFloat(d.PricePerUnit["USD"], 64); err == nil && price > 0 && (p.unit == "" || d.Unit == p.unit) && (!p.tier || d.Begins == "0") {
				prices = append(prices, price)
			}
		}
	}
	return prices
}
