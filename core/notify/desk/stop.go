package desk

import (
	"net/url"

	"parvis/core/notify"
	"parvis/platform/store"
	"parvis/platform/web"
)

// stopView is the list of the numbers that said STOP.
type stopView struct {
	Path string
	List []notify.Stop
	Next string
	Done string
}

func (d *desk) showStops(c *web.Context) error {
	from, err := before(c)
	if err != nil {
		return err
	}
	v := stopView{Path: c.Href("/bureau/messages"), Done: c.TakeFlash()}
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		v.List, err = d.hub.Stops(c.Ctx(), tx, from, perPage+1)
		return err
	})
	if err != nil {
		return err
	}
	if len(v.List) > perPage {
		v.List = v.List[:perPage]
		v.Next = v.Path + "/stop?" + url.Values{"avant": {v.List[perPage-1].ID.String()}}.Encode()
	}
	p, err := c.StaffPage(c.T("notify.stop.title"))
	if err != nil {
		return err
	}
	p.Heading, p.Head, p.Tools = p.Title, styles(v.Path), tabs(v.Path, "stop", true)
	return c.Render(stopPage(p, v))
}

func (d *desk) resume(c *web.Context) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	if err := c.Store.Update(c.Ctx(), func(tx *store.Tx) error { return d.hub.Resume(c.Ctx(), tx, id, c.Actor.ID) }); err != nil {
		return err
	}
	c.Flash(c.T("notify.stop.resumed"))
	return c.Redirect("/bureau/messages/stop")
}
