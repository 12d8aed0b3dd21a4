package vm

import (
	"slices"

	"deckhand/commands"
)

// operations is what is done to instances while they live.
func operations(cloud Cloud, vetted Vetted) []commands.Command {
	return []commands.Command{
		{
			Name: "vm connect", Aliases: []string{"ssm start-session", "ec2-instance-connect send-ssh-public-key"},
			Summary: "Show how to get into a virtual machine, and let a public SSH key in for a minute",
			Example: "vm connect web",
			Instead: map[string]string{"availability-zone": "EC2 says in which zone the machine is."},
			Undo:    "The key goes by itself after a minute; nothing else was changed.",
			Risk:    commands.Change, // who gets in is written down
			Rights: []string{
				"ec2:DescribeInstances", "ec2:DescribeImages", "ssm:DescribeInstanceInformation", "ec2-instance-connect:SendSSHPublicKey",
			},
			New: func() commands.Runner { return &Connect{cloud: cloud} },
		},
		{
			Name: "vm run", Aliases: []string{"ssm send-command"},
			Instead: map[string]string{
				"comment":                   "The request's mark is the comment, so that the command is found again.",
				"service-role-arn":          "Its answer comes here, and nothing is sent to SNS.",
				"notification-config":       "Its answer comes here, and nothing is sent to SNS.",
				"output-s3-bucket-name":     "Its output comes here, as text or as a file.",
				"output-s3-key-prefix":      "Its output comes here, as text or as a file.",
				"timeout-seconds":           "A command is delivered within two minutes or not at all; how long it may run is " + commands.Mono("--parameter executionTimeout=600") + ".",
				"max-concurrency":           "It runs on all of them at once.",
				"max-errors":                "It runs on all of them at once.",
				"document-version":          "It is the document's default version.",
				"cloud-watch-output-config": "Its output comes here, as text or as a file.",
			},
			Summary: "Run a command on virtual machines through Systems Manager",
			Example: `vm run web --command "uptime"`,
			Undo:    "Nothing takes back what a command did on a machine.",
			Risk:    commands.Change,
			Rights: []string{
				"ec2:DescribeInstances", "ssm:DescribeInstanceInformation", "ssm:DescribeDocument", "ssm:SendCommand", "ssm:GetCommandInvocation",
				"ssm:ListCommandInvocations", "ssm:ListCommands",
			},
			New: func() commands.Runner { return &Script{cloud: cloud, vetted: vetted} },
		},
		{
			Name: "vm console", Aliases: []string{"ec2 get-console-output"},
			Instead: map[string]string{"latest": "It shows what EC2 keeps of the last start."},
			Summary: "Show what a virtual machine wrote to its console",
			Example: "vm console web",
			Risk:    commands.Read,
			Rights:  []string{"ec2:DescribeInstances", "ec2:GetConsoleOutput"},
			New:     func() commands.Runner { return &Console{cloud: cloud} },
		},
		{
			Name: "vm metrics", Aliases: []string{"cloudwatch get-metric-data"},
			Instead: map[string]string{
				"metric-data-queries": "It shows CPU, network and status checks of one instance.",
				"start-time":          "It shows the time up to now: " + commands.Mono("--hours 3") + ".",
				"end-time":            "It shows the time up to now: " + commands.Mono("--hours 3") + ".",
			},
			Summary: "Show CPU, network and status checks of a virtual machine over time",
			Example: "vm metrics web --hours 3",
			Risk:    commands.Read,
			Rights:  []string{"ec2:DescribeInstances", "cloudwatch:GetMetricData"},
			New:     func() commands.Runner { return &Metrics{cloud: cloud} },
		},
		{
			Name:    "vm resize",
			Summary: "Change the instance type of a virtual machine",
			Example: "vm resize web --type t3.large --restart",
			Undo:    commands.Mono("vm resize") + " to the type that it was.",
			Risk:    commands.Change,
			Rights: append([]string{
				"ec2:DescribeInstances", "ec2:ModifyInstanceAttribute", "ec2:StopInstances", "ec2:StartInstances",
			}, slices.Concat(imageRights(), radiusRights(), scoutRights())...),
			Disturbs: commands.Briefly,
			New:      func() commands.Runner { return &Resize{cloud: cloud} },
		},
		{
			Name: "vm tag", Aliases: []string{"ec2 create-tags"},
			Summary: "Set and remove tags of virtual machines",
			Example: "vm tag web --set env=dev --remove old",
			Undo:    commands.Mono("vm tag") + " with what the tags were, where all machines had the same; the report has what was.",
			Risk:    commands.Change,
			Rights:  []string{"ec2:DescribeInstances", "ec2:CreateTags", "ec2:DeleteTags"},
			New:     func() commands.Runner { return &Tag{cloud: cloud} },
		},
		{
			Name:    "vm protect",
			Summary: "Protect virtual machines against termination",
			Example: "vm protect web",
			Undo:    commands.Mono("vm unprotect") + " of the same machines.",
			Risk:    commands.Change,
			Rights:  []string{"ec2:DescribeInstances", "ec2:DescribeInstanceAttribute", "ec2:ModifyInstanceAttribute"},
			New:     func() commands.Runner { return &Protection{cloud: cloud, on: true} },
		},
		{
			Name:    "vm unprotect",
			Summary: "Clear the protection of virtual machines against termination",
			Example: "vm unprotect web",
			Undo:    commands.Mono("vm protect") + " of the same machines.",
			Risk:    commands.Change,
			Rights:  []string{"ec2:DescribeInstances", "ec2:DescribeInstanceAttribute", "ec2:ModifyInstanceAttribute"},
			New:     func() commands.Runner { return &Protection{cloud: cloud} },
		},
		{
			Name: "vm image", Aliases: []string{"ec2 create-image"},
			Instead: map[string]string{
				"tag-specifications":    "An image carries its name, its owner and its request.",
				"block-device-mappings": "An image has all disks of the machine.",
			},
			Summary: "Make a machine image of a virtual machine",
			Example: "vm image web --name web-2026-01-31",
			Undo:    "Nothing in deckhand removes an image; it is deregistered and its snapshots are deleted in AWS.",
			Risk:    commands.Change,
			Rights:  []string{"ec2:DescribeInstances", "ec2:DescribeImages", "ec2:CreateImage", "ec2:CreateTags", "pricing:GetProducts"},
			New:     func() commands.Runner { return &MakeImage{cloud: cloud} },
		},
	}
}
