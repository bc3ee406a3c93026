package contact

import (
	"context"

	"parvis/core/access"
	"parvis/core/service"
	"parvis/platform/phone"
	"parvis/platform/store"
)

// fillDemo keys a meeting and opens a campaign, unless somebody did already.
func (s *Service) fillDemo(ctx context.Context, d service.Demo) error {
	var there []Batch
	if err := d.Handle.View(ctx, func(tx *store.Tx) (err error) {
		there, err = s.Batches(ctx, tx, 1)
		return err
	}); err != nil || len(there) > 0 || d.Kind == "region" {
		return err
	}
	var by store.ID
	for _, p := range d.Staff {
		if p.Role == access.Desk || p.Role == access.Agent {
			by = p.ID
			break
		}
	}
	if by == 0 {
		return nil
	}
	day := d.Now.In(d.Location).Format("2006-01-02")
	b, err := s.NewBatch(ctx, d.Handle, Batch{Channel: Meeting, Place: "Réunion publique, salle des fêtes", HeldOn: day, OpenedBy: by}, d.Location)
	if err != nil {
		return err
	}
	for i, x := range []struct {
		kind       Kind
		text, area string
	}{
		{Suggestion, "Mettre des bancs à l’ombre devant l’école.", "Les Trois-Clochers"}, {Suggestion, "Un passage piéton devant la boulangerie.", "Les Trois-Clochers"},
		{Question, "Quand rouvre la passerelle du moulin ?", "Le Grand-Pré"}, {Thanks, "Merci pour le marché du vendredi soir.", ""},
		{Suggestion, "Ouvrir la bibliothèque le samedi après-midi.", "Centre"}, {Message, "Les poubelles du parc débordent le lundi.", "Le Grand-Pré"},
	} {
		if _, err := s.Key(ctx, d.Handle, Entry{Key: "demo:" + b.Number + ":" + string(rune('a'+i)), Kind: x.kind, Channel: Meeting, Text: x.text, Area: x.area, BatchID: b.ID, KeyedBy: by}, Person{}); err != nil {
			return err
		}
	}
	for _, x := range [][2]string{{"Violette Ciboulette", "0639980141"}, {"Armand Fenouil", "0536490142"}, {"Ginette Sarriette", "0639980143"}} {
		if _, err := s.Agree(ctx, d.Handle, Consent{Name: x[0], Phone: x[1], Wording: "Être appelé les jours de grand froid ou de canicule.", GivenOn: day, How: "bulletin signé à l’accueil", KeyedBy: by}, phone.Mainland); err != nil {
			return err
		}
	}
	_, err = s.StartCalls(ctx, d.Handle, "Appels du grand froid", "Bonjour, c’est la mairie. Avez-vous assez de chauffage ? Avez-vous besoin de quelque chose ?", by)
	return err
}
