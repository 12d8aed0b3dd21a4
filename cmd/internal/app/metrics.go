package app

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"deckhand/bot"
	"deckhand/commands/check"
)

// metrics is what /metrics shows.
type metrics struct {
	registry *prometheus.Registry
	acks     prometheus.Histogram
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		acks: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "deckhand_receive_seconds", Help: "Time from a delivery to its answer, writing down included.",
			Buckets: []float64{.0001, .0005, .001, .0025, .005, .01, .05, .1, .5, 1, 3},
		}),
	}
	m.registry.MustRegister(m.acks)
	return m
}

// receiver measures what it hands on.
func (m *metrics) receiver(next bot.Receiver) bot.Receiver { return measured{m, next} }

type measured struct {
	metrics *metrics
	next    bot.Receiver
}

// Receive measures how long the next receiver takes.
func (r measured) Receive(ctx context.Context, message bot.Message) bot.Answer {
	begun := time.Now()
	defer func() { r.metrics.acks.Observe(time.Since(begun).Seconds()) }()
	return r.next.Receive(ctx, message)
}

// handler serves the counters, and reads the rest from the store when it is asked.
func (m *metrics) handler(h *House) http.Handler {
	m.registry.MustRegister(&storeCollector{house: h})
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// storeCollector reads gauges from the store at each scrape.
type storeCollector struct{ house *House }

var (
	jobsDesc    = prometheus.NewDesc("deckhand_jobs", "Jobs that wait or run.", nil, nil)
	readyDesc   = prometheus.NewDesc("deckhand_dependency_up", "1 where a dependency can be reached.", []string{"dependency"}, nil)
	checkDesc   = prometheus.NewDesc("deckhand_check_up", "1 where a check is up, 0 where it is down; absent while unknown.", []string{"check"}, nil)
	latencyDesc = prometheus.NewDesc("deckhand_check_latency_seconds", "Latency of a check's latest probe.", []string{"check"}, nil)
)

// Describe implements prometheus.Collector.
func (*storeCollector) Describe(out chan<- *prometheus.Desc) {
	out <- jobsDesc
	out <- readyDesc
	out <- checkDesc
	out <- latencyDesc
}

// Collect implements prometheus.Collector. What cannot be read is left out of this scrape.
func (c *storeCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if jobs, err := c.house.store.Depth(ctx); err == nil {
		out <- prometheus.MustNewConstMetric(jobsDesc, prometheus.GaugeValue, float64(jobs))
	}
	for name, dependency := range c.house.watch.snapshot() {
		out <- prometheus.MustNewConstMetric(readyDesc, prometheus.GaugeValue, truth(dependency.OK), name)
	}
	states, err := c.house.store.States(ctx)
	if err != nil {
		return
	}
	for name, state := range states {
		if state.Status != check.Unknown {
			out <- prometheus.MustNewConstMetric(checkDesc, prometheus.GaugeValue, truth(state.Status == check.Up), name)
		}
		out <- prometheus.MustNewConstMetric(latencyDesc, prometheus.GaugeValue, state.Last.Latency.Seconds(), name)
	}
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
