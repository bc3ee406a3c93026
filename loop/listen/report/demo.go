package report

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"parvis/core/access"
	"parvis/core/service"
	"parvis/engine/dossier"
	"parvis/platform/geo"
	"parvis/platform/store"
)

// demoReport is one matter of the demonstration. Days are before now.
type demoReport struct {
	code, text, place, scene string
	state                    State
	opened, closed           float64
	voices                   int
	cause, reason            string
}

// demoReports are those of a town, the best known first; smaller territories
// take fewer.
func demoReports() []demoReport {
	return []demoReport{
		{"chaussee", "Un trou devant l’arrêt de bus. On ne le voit pas la nuit.", "rue du Pont, devant le 14", sceneHole, Received, 0.4, 0, 9, "", ""},
		{"depot", "Des gravats et un vieux meuble au bord du chemin.", "chemin du Four", sceneDump, ToQualify, 3, 0, 2, "", ""},
		{"eclairage", "Le lampadaire clignote depuis une semaine. Je m’appelle Mme Zoé Camomille, 06 39 98 45 12.", "passage de l’École", sceneLamp, Planned, 6, 0, 6, "", ""},
		{"marquage", "Le passage piéton ne se voit plus.", "avenue de la Gare", "", Planned, 9, 0, 12, "", ""},
		{"chaussee", "Nid-de-poule au carrefour, juste après le feu.", "rue du Pont, au carrefour", sceneHole, Fixed, 13, 9, 11, "Gel", "Enrobé à chaud posé sur 2 m². Merci de nous l’avoir dit."},
		{"banc", "Une latte du banc est cassée.", "parc des Îles", sceneBench, Fixed, 20, 12, 3, "Usure", "La latte a été changée."},
		{"fuite", "De l’eau coule du trottoir jour et nuit.", "place de la Halle", "", InProgress, 1, 0, 4, "", ""},
		{"corbeille", "La corbeille déborde chaque lundi.", "allée des Érables", "", Accepted, 2, 0, 1, "", ""},
		{"tag", "Des inscriptions sur le mur du gymnase.", "rue des Tilleuls", sceneTag, Received, 1.5, 0, 0, "", ""},
		{"arbre", "Une grosse branche penche sur le trottoir.", "quai des Peupliers", "", Accepted, 4, 0, 5, "", ""},
		{"jeux", "La balançoire grince et un anneau est usé.", "square du Lavoir", "", Planned, 5, 0, 2, "", ""},
		{"avaloir", "La grille est bouchée, l’eau reste après la pluie.", "impasse du Lavoir", "", Fixed, 25, 19, 2, "", "La grille a été curée."},
		{"eclairage", "Tout est noir entre les deux ronds-points.", "boulevard des Platanes", sceneLamp, Fixed, 16, 12, 8, "Câble coupé", "Un câble coupé par un chantier a été réparé."},
		{"trottoir", "Une dalle est cassée devant la boulangerie.", "rue de la Halle", "", Accepted, 7, 0, 1, "", ""},
		{"depot", "Un matelas et des sacs près des conteneurs.", "rue des Vignes", sceneDump, Fixed, 6, 3, 2, "Particulier", "Enlevé ce matin."},
		{"chaussee", "La bordure est arrachée, une roue peut s’y prendre.", "route du Moulin", "", NotFixed, 40, 22, 0, "Poids lourds", "La rue sera refaite en entier au printemps. Un panneau prévient d’ici là."},
		{"panneau", "Le panneau de sens interdit est tombé.", "rue du Four", "", Fixed, 12, 10, 1, "Vent", "Le panneau est remis en place."},
		{"espace-vert", "Les ronces débordent sur la piste cyclable.", "voie verte, près du viaduc", "", Fixed, 33, 24, 3, "", "Le bord de la piste a été débroussaillé."},
		{"rue-sale", "Du verre cassé sur la piste.", "place de la Gare", "", Fixed, 8, 6, 0, "", "Balayé."},
		{"eclairage", "Un lampadaire reste allumé le jour.", "rue des Lilas", "", Elsewhere, 15, 13, 0, "", "Cette voie est privée : nous avons prévenu le syndic."},
		{"vehicule", "Une voiture sans roues depuis deux mois, immatriculée AB-123-CD.", "parking des Acacias", "", Accepted, 10, 0, 0, "", ""},
		{"reclamation", "Le camion est passé deux fois trop tôt ce mois-ci.", "", "", Received, 2, 0, 0, "", ""},
		{"accessibilite", "Une marche de 15 cm à l’entrée de la médiathèque.", "place des Érables", "", Planned, 18, 0, 7, "", ""},
		{"corbeille", "Le conteneur à verre est plein.", "rue des Jardins", "", Fixed, 4, 3, 0, "", "Vidé."},
		{"chaussee", "Deux trous après la pluie.", "rue du Moulin", sceneHole, Fixed, 29, 21, 4, "Gel", "Rebouchés à froid, l’enrobé suivra."},
		{"banc", "La barrière est tordue.", "rue des Écoles", "", Accepted, 21, 0, 0, "", ""},
	}
}

// fillDemo gives a territory of the demonstration its reports: most of those of
// the last weeks mended, some late. The draw is fixed.
func (s *Reports) fillDemo(ctx context.Context, d service.Demo) error {
	cats, err := s.list(ctx, d.Handle)
	if err != nil {
		return err
	}
	var there bool
	var w Where
	var crews []Choice
	err = d.Handle.View(ctx, func(tx *store.Tx) (err error) {
		if err := tx.Get(ctx, &there, `SELECT EXISTS (SELECT 1 FROM report WHERE territory_id = @territory)`); err != nil {
			return err
		}
		if w, err = s.Where(ctx, tx); err == nil && s.CrewList != nil {
			crews, err = s.CrewList(ctx, tx)
		}
		return err
	})
	if err != nil || there || !w.Centre.Valid() {
		return err
	}
	if err := s.demoCrews(ctx, d, cats, crews); err != nil {
		return err
	}
	list, spread := demoReports(), 1400.0
	switch {
	case d.Kind == "departement":
		list, spread = list[:8], 16_000
	case d.Kind == "epci":
		list, spread = list[:20], 5000
	case len(d.Staff) <= 2:
		list, spread = list[:6], 450
	}
	var by dossier.Author
	for _, p := range d.Staff {
		if p.Role == access.Agent || p.Role == access.Desk && by.ID == 0 {
			by = dossier.Author{Kind: dossier.Staff, ID: p.ID}
		}
	}
	dice := rand.New(rand.NewPCG(11, uint64(len(d.Territory))))
	for i, x := range list {
		if err := s.demoOne(ctx, d, x, i, w, by, spread, dice); err != nil {
			return fmt.Errorf("report: demonstration, %s: %w", x.place, err)
		}
	}
	return nil
}

// demoCrews gives the work to the first team.
func (s *Reports) demoCrews(ctx context.Context, d service.Demo, cats []Category, crews []Choice) error {
	if len(crews) == 0 {
		return nil
	}
	for _, c := range cats {
		if c.Detail.V.Crew != 0 {
			continue
		}
		c.Detail.V.Crew = crews[len(crews)-1].ID
		if c.Complaint() {
			c.Detail.V.Crew = crews[0].ID
		}
		if _, err := s.SaveCategory(ctx, d.Handle, c); err != nil {
			return err
		}
	}
	return nil
}

func (s *Reports) demoOne(ctx context.Context, d service.Demo, x demoReport, n int, w Where, by dossier.Author, spread float64, dice *rand.Rand) error {
	ago := func(days float64) time.Time { return d.Now.Add(-time.Duration(days * 24 * float64(time.Hour))) }
	h := d.Handle.At(ago(x.opened))
	var c Category
	if err := h.View(ctx, func(tx *store.Tx) (err error) {
		c, err = s.CategoryByCode(ctx, tx, x.code)
		return err
	}); err != nil {
		return err
	}
	draft := Draft{Category: c.ID, Text: x.text, Address: x.place, Channel: []dossier.Channel{dossier.Web, dossier.Web, dossier.Phone, dossier.SMS}[n%4], Anonymous: n%5 != 2,
		Trusted: true, Key: fmt.Sprintf("demo:%d", n)}
	if !draft.Anonymous {
		draft.Contact = Contact{FirstName: "Zoé", LastName: "Camomille", Email: fmt.Sprintf("zoe.camomille%d@exemple.fr", n)}
	}
	if x.place != "" {
		p := geo.Point{Lat: w.Centre.Lat + (dice.Float64()-0.5)*2*spread/111_000, Lon: w.Centre.Lon + (dice.Float64()-0.5)*2*spread/76_000}
		draft.Point = &p
	}
	if x.scene != "" {
		body, err := demoPhoto(x.scene, false)
		if err != nil {
			return err
		}
		p, err := s.KeepPhoto(ctx, h, bytes.NewReader(body), "")
		if err != nil {
			return err
		}
		draft.Photos = []PhotoRef{{p.ID}}
	}
	r, err := s.Open(ctx, h, draft)
	if err != nil {
		return err
	}
	if err := s.demoVoices(ctx, h, r, x.voices); err != nil {
		return err
	}
	return s.demoWork(ctx, d, x, r, by, ago)
}

// demoVoices counts those who see it too, two of whom left an address.
func (s *Reports) demoVoices(ctx context.Context, h store.Handle, r Report, voices int) error {
	for i := range min(voices, 2) {
		if _, err := s.Follow(ctx, h, r.ID, Contact{Email: fmt.Sprintf("voisin%d.%s@exemple.fr", i, r.Number)}, "fr"); err != nil {
			return err
		}
	}
	if voices <= 2 {
		return nil
	}
	return h.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE report SET follow_count = ? WHERE territory_id = @territory AND id = ?`, voices, r.ID)
		return err
	})
}

// demoWork brings a report to its state, step by step.
func (s *Reports) demoWork(ctx context.Context, d service.Demo, x demoReport, r Report, by dossier.Author, ago func(float64) time.Time) error {
	steps := map[State][]State{ToQualify: {ToQualify}, Accepted: {Accepted}, Planned: {Accepted, Planned}, InProgress: {Accepted, InProgress}, Fixed: {Accepted, Planned},
		NotFixed: {Accepted}, Elsewhere: nil}[x.state]
	at := x.opened
	for i, to := range steps {
		at -= (x.opened - x.closed) * []float64{0.15, 0.3}[i%2]
		planned := time.Time{}
		if to == Planned {
			planned = d.Now.AddDate(0, 0, 2+int(x.opened)%4)
			if x.closed > 0 {
				planned = ago(x.closed)
			}
		}
		if _, err := s.Advance(ctx, d.Handle.At(ago(at)), r.ID, by, to, planned, ""); err != nil {
			return err
		}
	}
	if !x.state.Final() {
		return nil
	}
	h := d.Handle.At(ago(x.closed))
	if x.state == Fixed && x.scene != "" {
		body, err := demoPhoto(x.scene, true)
		if err != nil {
			return err
		}
		if _, err := s.AddPhoto(ctx, h, r.ID, After, bytes.NewReader(body)); err != nil {
			return err
		}
	}
	_, err := s.Close(ctx, h, r.ID, by, Closing{State: x.state, Reason: x.reason, Cause: x.cause})
	return err
}
