package ecs

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Target is the flags that say where; every ecs command has them.
type Target struct {
	where.Target
	Cluster string `flag:"cluster" value:"CLUSTER" help:"Cluster by name or ARN; all of them where it is left out."`
}

// Service is the arguments that say which service.
type Service struct {
	Target
	Name string `arg:"service" alias:"service,services" required:"" value:"SERVICE" help:"Service by name, CLUSTER/NAME or ARN."`
}

// picked is the service that a line means, as it stood when it was looked up. It is kept in the journal.
type picked struct {
	Target  aws.Target
	Place   aws.Place
	Service aws.Service
}

// find answers the one service that the line means. Errors are of kind NotFound or Ambiguous.
func (s Service) find(ctx context.Context, cloud Cloud, command string) (picked, error) {
	cluster, name := s.Cluster, s.Name
	if before, after, ok := strings.Cut(name, "/"); ok && !strings.HasPrefix(name, "arn:") && cluster == "" {
		cluster, name = before, after
	}
	t := s.At()
	all, err := cloud.Services(ctx, t, cluster)
	if err != nil {
		return picked{}, err
	}
	p := picked{Target: t, Place: cloud.Place(ctx, t)}
	fitting := slices.DeleteFunc(sorted(all), func(one aws.Service) bool { return one.Name != name && one.ARN != name })
	switch len(fitting) {
	case 1:
		p.Service = fitting[0]
		return p, nil
	case 0:
		return p, notFound(name, all, p.Place)
	}
	var where []string
	choices := &commands.Choices{Of: s.Name, In: "Name"}
	for _, one := range fitting {
		choices.Some = append(choices.Some, commands.Choice{Label: one.Cluster + "/" + one.Name, Words: []string{one.Cluster + "/" + one.Name}})
		where = append(where, commands.Mono(one.Cluster+"/"+one.Name))
	}
	return p, &commands.Error{
		Choices: choices,
		Kind:    commands.Ambiguous, Message: fmt.Sprintf("%d services are called %s: %s.", len(fitting), commands.Mono(name), strings.Join(where, ", ")),
		Hint: "Name the one you mean with its cluster: " + commands.Mono(line(command, picked{Target: t, Service: fitting[0]})) + ".",
	}
}

func notFound(name string, all []aws.Service, p aws.Place) error {
	message := fmt.Sprintf("No service in %s is called %s.", p.Region, commands.Mono(name))
	var names []string
	for _, one := range all {
		names = append(names, one.Name)
	}
	if near := commands.Nearest(name, names); len(near) > 0 {
		message += " The nearest is " + commands.Mono(near[0]) + "."
	}
	return &commands.Error{Kind: commands.NotFound, Message: message, Hint: commands.Mono("ecs list") + " shows the services."}
}

const pickStep = "pick service"

// pinned answers the service that the line meant when it was first looked up.
func (s Service) pinned(ctx context.Context, run *commands.Run, cloud Cloud, command string) (picked, error) {
	return commands.Repeat(ctx, run, pickStep, func(ctx context.Context) (picked, error) { return s.find(ctx, cloud, command) })
}

// scope is what policy is asked about.
func (s Service) scope(ctx context.Context, cloud Cloud, command string) (commands.Scope, error) {
	p, err := s.find(ctx, cloud, command)
	scope := commands.Scope{Account: s.Account, Region: p.Place.Region}
	if err == nil {
		scope.Resources = []commands.Resource{{ID: p.Service.ARN, Name: p.Service.Name, Tags: p.Service.Tags}}
	}
	return scope, err
}

func sorted(all []aws.Service) []aws.Service {
	all = slices.Clone(all)
	commands.Order(all, func(a, b aws.Service) int { return strings.Compare(a.Cluster+"/"+a.Name, b.Cluster+"/"+b.Name) })
	return all
}

// line writes a line about the service, with the target where it is not the default.
func line(command string, p picked) string {
	out := command + " " + commands.Quote(p.Service.Cluster+"/"+p.Service.Name)
	return out + where.Flags(p.Target)
}

// health says in a word or two how a service stands.
func health(s aws.Service) string {
	primary := s.Primary()
	switch {
	case s.Status != "ACTIVE" && s.Status != "":
		return strings.ToLower(s.Status)
	case s.Steady():
		return "steady"
	case primary.Rollout == "FAILED":
		return "deployment failed"
	case len(s.Deployments) > 1, primary.Rollout == "IN_PROGRESS":
		return "deploying"
	case s.Running < s.Desired:
		return "too few tasks"
	default:
		return "settling"
	}
}
