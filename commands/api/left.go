package api

import (
	"context"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
)

// grantMark begins the ids of the statements that let routes invoke functions. The id of the API follows, and a sum of the route's key.
const grantMark = "deckhand-api-"

// Left makes what answers those of a function's statements that let in no route any more, each with what AWS does not show of it. They were given to
// routes of APIs in the function's own region.
func Left(cloud Reader) func(context.Context, aws.Target, []aws.Grant) (map[string]string, error) {
	return func(ctx context.Context, t aws.Target, grants []aws.Grant) (map[string]string, error) {
		return leftOver(ctx, cloud, t, grants)
	}
}

func leftOver(ctx context.Context, cloud Reader, t aws.Target, grants []aws.Grant) (map[string]string, error) {
	left, routes := map[string]string{}, map[string][]aws.APIRoute{}
	var all []aws.API
	for _, g := range grants {
		id, _, ok := strings.Cut(strings.TrimPrefix(g.ID, grantMark), "-")
		if !ok || !strings.HasPrefix(g.ID, grantMark) {
			continue
		}
		var err error
		if all == nil {
			if all, err = cloud.APIs(ctx, t); err != nil {
				return nil, err
			}
			for _, a := range all {
				routes[a.ID] = nil
			}
		}
		there, stands := routes[id]
		if stands && there == nil {
			if there, err = cloud.APIRoutes(ctx, t, id); err != nil {
				return nil, err
			}
			routes[id] = there
		}
		p := picked{API: aws.API{ID: id}}
		switch {
		case !stands:
			left[g.ID] = "AWS shows no API " + commands.Mono(id)
		case !slices.ContainsFunc(there, func(r aws.APIRoute) bool { return grantFor(p, r.Key, "").ID == g.ID }):
			left[g.ID] = "AWS shows no such route of the API " + commands.Mono(id)
		}
	}
	return left, nil
}
