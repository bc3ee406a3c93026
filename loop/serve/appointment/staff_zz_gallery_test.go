package appointment

import (
	"os"
	"strings"
	"testing"
	"time"

	"parvis/core/access"
	"parvis/core/service"
	"parvis/core/territory"
	"parvis/platform/event"
	"parvis/platform/store"
)

func TestZZGallery(t *testing.T) {
	if os.Getenv("PARVIS_GALLERY") == "" {
		t.Skip()
	}
	offices(t, func(t *testing.T, b *bench) {
		if b.db.Engine() != store.SQLite {
			return
		}
		b.clk.Set(b.at(23, 10, 40))
		list, _ := officialList()
		book := territory.New(b.db, b.db, list, event.New(b.db))
		x, err := book.Activate(t.Context(), "c86115", "")
		b.must(err)
		b.slug = x.Slug
		d := service.Demo{Handle: b.db.In("c86115"), Territory: "c86115", Kind: "commune", Name: "Vouneuil", Location: paris(t), Now: b.clk.Now(),
			Staff: []service.DemoPerson{{ID: nadia, Name: "Nadia Mésange", Role: access.Desk}, {ID: 4212, Name: "Karim Pinson", Role: access.Agent}, {ID: 4213, Name: "Théo Loriot", Role: access.Agent}}}
		b.clk.Set(b.at(2, 8, 0)) // openings are computed from here
		b.must(b.s.people.Service().Demo(t.Context(), d))
		b.must(b.s.Service().Demo(t.Context(), d))
		b.clk.Set(b.at(23, 10, 40))
		var a []Appointment
		b.must(d.Handle.View(t.Context(), func(tx *store.Tx) (err error) {
			a, err = b.s.List(t.Context(), tx, Filter{From: b.at(24, 0, 0), To: b.at(26, 0, 0)})
			return err
		}))
		var r []Reason
		b.must(d.Handle.View(t.Context(), func(tx *store.Tx) (err error) {
			r, err = b.s.Reasons(t.Context(), tx, false, false)
			return err
		}))
		_ = time.Now
		v := b.as(access.Admin)
		save := func(name, path string) {
			p := v.get(path)
			b.must(os.WriteFile(os.Getenv("PARVIS_GALLERY")+"/zz-"+name+".html", []byte(replaceStatic(p.Body)), 0o600))
		}
		save("bureau", deskPath)
		save("agenda", agendaPath)
		save("semaine", agendaPath+"?vue=semaine")
		save("motif", bookPath)
		save("creneau", bookPath+"?motif="+r[0].ID.String())
		save("personne", bookPath+"?motif="+r[0].ID.String()+"&q=a&debut="+startValue(b.at(24, 9, 20)))
		save("fiche", sheetPath+"/"+a[0].ID.String())
		save("deplacer", sheetPath+"/"+a[0].ID.String()+"/deplacer")
		save("annuler", sheetPath+"/"+a[0].ID.String()+"/annuler")
		save("motifs", reasonsPath)
		save("reason", reasonsPath+"/"+r[0].ID.String())
		save("plages", rangesPath)
		save("plage", rangesPath+"/nouvelle")
		p := v.post(absencesPath, "scope", "t:0", "first", "24/11/2020", "label", "Pont")
		b.must(os.WriteFile(os.Getenv("PARVIS_GALLERY")+"/zz-absences.html", []byte(replaceStatic(p.Body)), 0o600))
		save("statistiques", statisticsPath+"?du=24/10/2020&au=23/11/2020")
	})
}

func replaceStatic(s string) string { return strings.ReplaceAll(s, `"/static/`, `"static/`) }
