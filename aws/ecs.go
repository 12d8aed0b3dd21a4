package aws

import "time"

// Service is a service of ECS: containers that ECS keeps running.
// Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html
type Service struct {
	ARN            string
	Name           string
	Cluster        string // name
	Status         string // "ACTIVE", "DRAINING", "INACTIVE"
	Launch         string // "FARGATE", "EC2", or the capacity providers
	TaskDefinition string // "shop:7"
	Scheduling     string // "REPLICA" or "DAEMON"
	Controller     string // who deploys it: "ECS", "CODE_DEPLOY", "EXTERNAL"; "" where ECS does not say
	Desired        int    // tasks
	Running        int
	Pending        int
	Deployments    []Deployment // the newest first
	Events         []ServiceEvent
	CreatedAt      time.Time
	TargetGroups   []string // ARNs of the target groups that it registers its tasks in
	Tags           map[string]string
}

// Deployment is one roll-out of a service.
type Deployment struct {
	ID             string
	Primary        bool // the newest; others are being replaced
	TaskDefinition string
	Rollout        string // "COMPLETED", "IN_PROGRESS", "FAILED"; "" where ECS does not say
	Reason         string
	Failed         int // tasks that did not start
	CreatedAt      time.Time
}

// ServiceEvent is a sentence of ECS about a service.
type ServiceEvent struct {
	At   time.Time
	Text string
}

// Primary answers the newest deployment, the zero Deployment where there is none.
func (s Service) Primary() Deployment {
	for _, d := range s.Deployments {
		if d.Primary {
			return d
		}
	}
	return Deployment{}
}

// Steady tells whether a service is as it should be: one deployment, as many tasks as wanted, and no roll-out under way.
func (s Service) Steady() bool {
	rollout := s.Primary().Rollout
	return len(s.Deployments) <= 1 && s.Running == s.Desired && s.Pending == 0 && (rollout == "" || rollout == "COMPLETED")
}

// Placed tells whether as many tasks run as are wanted, of one deployment: what the waiter of AWS's own tools calls stable. ECS may go on
// to call the roll-out in progress.
// Source: https://docs.aws.amazon.com/cli/latest/reference/ecs/wait/services-stable.html
func (s Service) Placed() bool {
	return len(s.Deployments) == 1 && s.Running == s.Desired && s.Pending == 0 && s.Primary().Rollout != "FAILED"
}

// Shows tells whether a look at the service shows a change already: the number of tasks and the deployment that AWS answered to it.
func (s Service) Shows(taken Service) bool {
	if s.Desired != taken.Desired {
		return false
	}
	for _, d := range s.Deployments {
		if d.ID == taken.Primary().ID {
			return true
		}
	}
	return taken.Primary().ID == ""
}

// ServiceChange is what to change of a service.
type ServiceChange struct {
	Count    int  // how many tasks; only where Redeploy is false
	Redeploy bool // replace all tasks by new ones of the same definition
}
