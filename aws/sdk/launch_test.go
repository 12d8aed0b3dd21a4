package sdk_test

import (
	"testing"

	"deckhand/aws"
	"deckhand/aws/sandbox"
	"deckhand/aws/sdk"
)

func TestNamesWorkWhereIDsDo(t *testing.T) {
	play(t, func(t *testing.T, _ *sandbox.World, c *sdk.Cloud) {
		l := small("r-1")
		l.Subnet, l.SecurityGroups = "main", []string{"web", "default"}
		list, err := c.LaunchInstances(t.Context(), here, l)
		must(t, err)
		in := list[0]
		if in.SubnetID != "subnet-0123456789abcdef0" || len(in.SecurityGroups) != 2 {
			t.Errorf("launched into %s with %v", in.SubnetID, in.SecurityGroups)
		}
		l = small("r-2")
		l.Subnet, l.SecurityGroups = "", []string{"web"}
		list, err = c.LaunchInstances(t.Context(), here, l)
		must(t, err)
		if list[0].SecurityGroups[0].ID != "sg-0123456789abcdef0" || list[0].PublicIP == "" {
			t.Errorf("launched into the default subnet as %+v", list[0])
		}
	})
}

func TestPublicAddresses(t *testing.T) {
	play(t, func(t *testing.T, _ *sandbox.World, c *sdk.Cloud) {
		yes, no := true, false
		l := small("r-1")
		l.PublicIP, l.PrivateIP = &yes, "172.31.32.77"
		ids := launch(t, c, l)
		before, err := c.Instances(t.Context(), here, aws.InstanceQuery{IDs: ids})
		must(t, err)
		if before[0].PublicIP == "" || before[0].PrivateIP != "172.31.32.77" {
			t.Fatalf("asked for a public address: %+v", before[0])
		}
		_, err = c.StopInstances(t.Context(), here, ids, false, false)
		must(t, err)
		stopped, err := c.WaitForState(t.Context(), here, ids, aws.Stopped, nil)
		must(t, err)
		_, err = c.StartInstances(t.Context(), here, ids, false)
		must(t, err)
		after, err := c.WaitForState(t.Context(), here, ids, aws.Running, nil)
		must(t, err)
		if stopped[0].PublicIP != "" || after[0].PublicIP == "" || after[0].PublicIP == before[0].PublicIP {
			t.Errorf("public address %q, stopped %q, started %q", before[0].PublicIP, stopped[0].PublicIP, after[0].PublicIP)
		}
		l = small("r-2")
		l.Subnet, l.PublicIP = "", &no
		ids = launch(t, c, l)
		list, err := c.Instances(t.Context(), here, aws.InstanceQuery{IDs: ids})
		must(t, err)
		if list[0].PublicIP != "" {
			t.Errorf("asked for no public address, got %s", list[0].PublicIP)
		}
	})
}

func TestLaunchesThatCannotBe(t *testing.T) {
	for sentence, c := range map[string]struct {
		change func(*aws.Launch)
		kind   string
		words  []string
	}{
		"no image":            {func(l *aws.Launch) { l.ImageID = "" }, "usage", []string{"needs an image"}},
		"unknown image":       {func(l *aws.Launch) { l.ImageID = "ami-0ffffffffffffffff" }, "not_found", []string{"ami-0ffffffffffffffff", "one region"}},
		"malformed image":     {func(l *aws.Launch) { l.ImageID = "ami12" }, "usage", []string{"ami12"}},
		"unknown key pair":    {func(l *aws.Launch) { l.KeyName = "other" }, "not_found", []string{"other", "Key pairs"}},
		"unknown type":        {func(l *aws.Launch) { l.InstanceType = "t9.huge" }, "usage", []string{"t9.huge"}},
		"another processor":   {func(l *aws.Launch) { l.InstanceType = "t4g.micro" }, "usage", []string{"arm64"}},
		"unknown group id":    {func(l *aws.Launch) { l.SecurityGroups = []string{"sg-0ffffffffffffffff"} }, "not_found", []string{"security group"}},
		"unknown group name":  {func(l *aws.Launch) { l.SecurityGroups = []string{"wep"} }, "not_found", []string{`"wep"`, "sg-0123456789abcdef0 (web)"}},
		"unknown subnet id":   {func(l *aws.Launch) { l.Subnet = "subnet-0ffffffffffffffff" }, "not_found", []string{"subnet"}},
		"unknown subnet name": {func(l *aws.Launch) { l.Subnet = "mein" }, "not_found", []string{`"mein"`, "subnet-0123456789abcdef0 (main)"}},
		"address elsewhere":   {func(l *aws.Launch) { l.PrivateIP = "10.0.0.1" }, "usage", []string{"10.0.0.1"}},
		"one address for two": {func(l *aws.Launch) { l.PrivateIP, l.MaxCount = "172.31.32.9", 2 }, "usage", []string{"private IP"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			play(t, func(t *testing.T, w *sandbox.World, cloud *sdk.Cloud) {
				l := small("r-1")
				c.change(&l)
				_, err := cloud.LaunchInstances(t.Context(), here, l)
				wantError(t, err, c.kind, c.words...)
				if n := len(w.Instances()); n != 0 {
					t.Errorf("%d instances were launched", n)
				}
			})
		})
	}
}

func TestALaunchGoesOnWhereImagesMayNotBeLookedAt(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		w.Fail("DescribeImages", "UnauthorizedOperation", 2)
		_, err := c.LaunchInstances(t.Context(), here, small("r-1"))
		must(t, err)
		sized := small("r-2")
		sized.RootVolumeGiB = 20
		_, err = c.LaunchInstances(t.Context(), here, sized)
		wantError(t, err, "denied", "ec2:DescribeImages")
	})
}
