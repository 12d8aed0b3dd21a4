// Package ecs is the commands on services of ECS, which keep containers running: ecs list, show, scale and redeploy.
package ecs

import (
	"context"

	"deckhand/aws"
	"deckhand/commands"
)

// Cloud is the door to ECS. Its errors carry words for people.
type Cloud interface {
	Place(ctx context.Context, t aws.Target) aws.Place
	// Services answers the services of a cluster, of all clusters where it is empty.
	Services(ctx context.Context, t aws.Target, cluster string) ([]aws.Service, error)
	ServiceNow(ctx context.Context, t aws.Target, s aws.Service) (aws.Service, error)
	// ChangeService answers the service as AWS took the change. Setting a count may be repeated, a redeployment may not.
	ChangeService(ctx context.Context, t aws.Target, s aws.Service, change aws.ServiceChange) (aws.Service, error)
	// WaitForService looks until the service is steady after AWS took a change, and ends with an error where its deployment fails.
	WaitForService(ctx context.Context, t aws.Target, s, taken aws.Service, progress func(aws.Service)) (aws.Service, error)
}

// Commands is the ecs commands, with the names of the AWS CLI's operations as aliases.
func Commands(cloud Cloud) []commands.Command {
	look := []string{"ecs:ListClusters", "ecs:ListServices", "ecs:DescribeServices"}
	change := append([]string{"ecs:UpdateService"}, look...)
	return []commands.Command{
		{
			Name: "ecs list", Aliases: []string{"ecs ls", "ecs list-services", "ecs list-clusters"},
			Summary: "List the services of ECS and whether they are steady",
			Example: "ecs list", Risk: commands.Read, Rights: look,
			New: func() commands.Runner { return &List{cloud: cloud} },
		},
		{
			Name: "ecs show", Aliases: []string{"ecs describe-services"},
			Summary: "Show a service of ECS with its deployments and last events",
			Example: "ecs show shop", Risk: commands.Read, Rights: look,
			New: func() commands.Runner { return &Show{cloud: cloud} },
		},
		{
			Name: "ecs scale", Aliases: []string{"ecs update-service"},
			Instead: map[string]string{
				"task-definition":      "What a service runs is deployed by what keeps it; " + commands.Mono("ecs redeploy shop") + " starts the same anew.",
				"force-new-deployment": commands.Mono("ecs redeploy shop") + " does it.",
			},
			Summary: "Change how many tasks a service of ECS runs and wait until it is steady",
			Example: "ecs scale shop --count 3", Undo: commands.Mono("ecs scale") + " to the number that it was.",
			Risk: commands.Change, Rights: change,
			Disturbs: commands.Briefly,
			New:      func() commands.Runner { return &Scale{cloud: cloud} },
		},
		{
			Name: "ecs redeploy", Aliases: []string{"ecs restart"},
			Summary: "Replace the tasks of a service of ECS by new ones and wait until it is steady",
			Example: "ecs redeploy shop", Undo: "Nothing brings the old tasks back.",
			Risk: commands.Change, Rights: change,
			Disturbs: commands.Briefly,
			New:      func() commands.Runner { return &Redeploy{cloud: cloud} },
		},
	}
}
