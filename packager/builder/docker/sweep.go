package docker

import (
	"context"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// abandoned is how old a container is that was made and never started, by a run that must be gone.
const abandoned = 10 * time.Minute

// sweep removes the containers of runs that were killed. A run that lives has its containers running, for a container ends
// with the connection of the run that started it; or just made.
func (e *engine) sweep(ctx context.Context) error {
	list, err := e.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: client.Filters{}.Add("label", label+"=container")})
	if err != nil {
		return e.failed(ctx, "listing containers", err)
	}
	for _, c := range list.Items {
		over := c.State == container.StateExited || c.State == container.StateDead
		if c.State == container.StateCreated && e.now.Sub(time.Unix(c.Created, 0)) > abandoned {
			over = true
		}
		if !over {
			continue
		}
		if err := e.removeContainer(ctx, c.ID); err != nil {
			return err
		}
	}
	return nil
}
