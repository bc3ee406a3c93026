package barometer

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"

	"parvis/core/service"
	"parvis/platform/store"
)

// demoTopics are services that are not in Parvis.
func demoTopics() []Topic {
	return []Topic{{Name: "piscine", Label: "Piscine municipale", Opened: true, Clarity: true}, {Name: "creche", Label: "Crèche et périscolaire", Opened: true, Clarity: true, Help: true},
		{Name: "titres", Label: "Titres d’identité en ligne", Opened: true, National: "https://jedonnemonavis.numerique.gouv.fr/Demarches/0000"}}
}

func demoComments() []struct {
	s    Satisfaction
	text string
} {
	return []struct {
		s    Satisfaction
		text string
	}{
		{Good, "L’agent a pris le temps d’expliquer chaque étape. Merci."}, {Good, "Rapide et clair, je suis repartie avec mon récépissé."},
		{Medium, "L’accueil était agréable mais j’ai attendu quarante minutes malgré mon rendez-vous."}, {Bad, "La liste des papiers à apporter n’était pas complète, j’ai dû revenir deux fois."},
		{Bad, "Personne ne répond au téléphone. Rappelez-moi au 06 39 98 00 11 s’il vous plaît."}, {Good, "Le rappel par SMS m’a évité d’oublier."},
		{Medium, "Bien, sauf le parking : rien pour les poussettes."},
	}
}

// fillDemo answers for a year of visitors, unless somebody did already.
func (s *Service) fillDemo(ctx context.Context, d service.Demo) error {
	var n int
	err := d.Handle.View(ctx, func(tx *store.Tx) error {
		return tx.Get(ctx, &n, `SELECT COUNT(*) FROM barometer_topic WHERE territory_id = @territory`)
	})
	if err != nil || n > 0 || d.Kind == "region" {
		return err
	}
	for _, t := range demoTopics() {
		if _, err := s.SaveTopic(ctx, d.Handle, t, false); err != nil {
			return err
		}
	}
	draw := rand.New(rand.NewPCG(uint64(len(d.Name)), 7))
	months := monthsBack(monthOf(d.Now, d.Location), 16)
	err = d.Handle.Update(ctx, func(tx *store.Tx) error {
		for i, month := range months {
			for _, x := range []struct {
				service string
				people  int
				good    float64
			}{{"appointment", 26 + i, 0.62 + float64(i)*0.012}, {"creche", 7, 0.7}, {"piscine", 2, 0.5}} {
				if err := s.demoMonth(ctx, tx, draw, month, x.service, x.people, x.good); err != nil {
					return err
				}
			}
			if month < lastClosed(d.Now) {
				if err := s.freeze(ctx, tx, month); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("barometer: demonstration: %w", err)
	}
	return s.demoWords(ctx, d)
}

func (s *Service) demoMonth(ctx context.Context, tx *store.Tx, draw *rand.Rand, month, service string, people int, good float64) error {
	channels := []string{"web", "web", "web", "phone", "counter"}
	delays := []string{inTime, inTime, inTime, late}
	for range people {
		a := Answer{ID: drawn(), Service: service, Month: month, Source: Invited, Channel: channels[draw.IntN(len(channels))], Delay: delays[draw.IntN(len(delays))], Satisfaction: Good, Locked: true}
		if service != "appointment" {
			a.Source, a.Delay = Open, noDelay
		}
		if draw.Float64() > good {
			a.Satisfaction = Satisfaction(1 + draw.IntN(2))
		}
		a.Comprehension = min(5, max(1, int(a.Satisfaction)+draw.IntN(3)))
		a.Tried = []Aid{NoHelp, NoHelp, AtCounter, ByPhone, ByPhone | Relative}[draw.IntN(5)]
		if a.Tried&administrationMask != 0 {
			for _, x := range administrations() {
				if a.Tried&x == 0 {
					continue
				}
				if draw.IntN(5) == 0 {
					a.Missed |= x
				} else {
					a.Reached |= x
					a.setHelp(x, min(5, int(a.Satisfaction)+1+draw.IntN(2)))
				}
			}
		}
		a.tidy()
		if err := s.insert(ctx, tx, a, ""); err != nil {
			return err
		}
		if a.Source != Invited {
			continue
		}
		for k := range 2 + draw.IntN(3) {
			p := a.place()
			if k > 0 {
				p.Channel, p.Delay = channels[draw.IntN(len(channels))], delays[draw.IntN(len(delays))]
			}
			if err := count(ctx, tx, p, []cell{{fieldFinished, ""}, {fieldInvited, ""}}, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// demoWords leaves comments, some published and answered, some waiting.
func (s *Service) demoWords(ctx context.Context, d service.Demo) error {
	done, err := s.SaveAction(ctx, d.Handle, Action{Service: "appointment", Title: "La liste des pièces à apporter est dans chaque rappel", Text: "Vous étiez nombreux à revenir deux fois. La liste complète est maintenant dans le courriel et le SMS.", DoneOn: monthsBack(lastClosed(d.Now), 2)[0]})
	if err != nil {
		return err
	}
	month := monthsBack(lastClosed(d.Now), 2)[0]
	for i, x := range demoComments() {
		var id store.ID
		err := d.Handle.Update(ctx, func(tx *store.Tx) error {
			a := Answer{ID: drawn(), Service: "appointment", Month: month, Source: Invited, Channel: "web", Satisfaction: x.s}
			if err := s.keepComment(ctx, tx, a, FieldComment, x.text); err != nil {
				return err
			}
			return tx.Get(ctx, &id, `SELECT id FROM barometer_comment WHERE territory_id = @territory AND answer_id = ?`, a.ID)
		})
		if err != nil {
			return err
		}
		decision := Decision{State: Published}
		switch i {
		case 2:
			decision.Reply = "Vous avez raison, l’attente était trop longue ce jour-là. Un second guichet ouvre le mardi."
		case 3:
			decision.Reply, decision.Action = "La liste est maintenant complète.", done.ID
		case 4, 5, 6:
			continue
		}
		if err := s.Decide(ctx, d.Handle, id, decision); err != nil {
			return err
		}
	}
	return s.AskContact(ctx, d.Handle, Contact{Service: "appointment", Email: "violette.ciboulette@exemple.fr", Text: "Mon dossier de " + strconv.Itoa(d.Now.In(d.Location).Year()) + ", j’aimerais comprendre l’attente."})
}
