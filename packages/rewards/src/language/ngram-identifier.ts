// Tells Latin-script languages apart by their letter trigrams (Cavnar & Trenkle, 1994, with a naive Bayes
// score instead of ranks). A few sentences a language are enough for sentences of a dozen words; for more
// languages or shorter texts pass another identifier, such as franc or eld. Published as
// "@sixtyone/rewards/ngram", apart from the rest: its sample sentences would be a tenth of the package.

import type { LanguageIdentifier } from "./language-consistency.ts";

const samples: Readonly<Record<string, string>> = {
  en: "first we need to find the value of the number and then we can use it to solve the equation. all human beings are born free and equal in dignity and rights. they should act towards one another with this. so the answer is what we were looking for, because there are two ways to do that. let me think about which of these would have been right, wait, this gives us the total. how many does she have left if he takes half of them? now consider the triangle with sides whose lengths are known",
  de: "zuerst müssen wir den wert der zahl bestimmen und dann können wir die gleichung lösen. alle menschen sind frei und gleich an würde und rechten geboren. sie sollen einander im geist der brüderlichkeit begegnen. also ist die antwort das, was wir gesucht haben, weil es zwei möglichkeiten gibt. ich denke noch einmal nach, ob das richtig ist, dann ergibt sich daraus die summe. wie viele hat sie noch, wenn er die hälfte nimmt? wir betrachten nun das dreieck, dessen seiten bekannt sind, nicht aber der winkel",
  fr: "il faut d'abord trouver la valeur du nombre et ensuite nous pouvons résoudre l'équation. tous les êtres humains naissent libres et égaux en dignité et en droits. ils doivent agir les uns envers les autres dans un esprit de fraternité. donc la réponse est ce que nous cherchons, parce qu'il y a deux façons de faire cela. je réfléchis encore pour savoir si c'est juste, ce qui nous donne la somme. combien lui en reste-t-il si elle en prend la moitié? considérons maintenant le triangle dont les côtés sont connus avec cette longueur",
  es: "primero tenemos que encontrar el valor del número y luego podemos resolver la ecuación. todos los seres humanos nacen libres e iguales en dignidad y derechos. deben comportarse fraternalmente los unos con los otros. entonces la respuesta es lo que buscamos, porque hay dos maneras de hacerlo. pienso otra vez si esto es correcto, lo que nos da la suma. cuántos le quedan si él toma la mitad de ellos? consideremos ahora el triángulo cuyos lados son conocidos, pero también hay que ver el ángulo",
  it: "prima dobbiamo trovare il valore del numero e poi possiamo risolvere l'equazione. tutti gli esseri umani nascono liberi ed eguali in dignità e diritti. essi devono agire gli uni verso gli altri in spirito di fratellanza. quindi la risposta è quello che cerchiamo, perché ci sono due modi per farlo. penso ancora se questo sia giusto, il che ci dà la somma. quanti ne rimangono se lui prende la metà di essi? consideriamo adesso il triangolo i cui lati sono conosciuti, anche della lunghezza che abbiamo",
  pt: "primeiro precisamos encontrar o valor do número e depois podemos resolver a equação. todos os seres humanos nascem livres e iguais em dignidade e em direitos. devem agir uns para com os outros em espírito de fraternidade. então a resposta é o que procuramos, porque há duas maneiras de fazer isso. penso outra vez se isto está correto, o que nos dá a soma. quantos ainda ficam se ele tomar a metade deles? vamos considerar agora o triângulo cujos lados são conhecidos, mas não também o ângulo",
  nl: "eerst moeten we de waarde van het getal vinden en dan kunnen we de vergelijking oplossen. alle mensen worden vrij en gelijk in waardigheid en rechten geboren. zij behoren zich jegens elkander in een geest van broederschap te gedragen. dus het antwoord is wat we zochten, omdat er twee manieren zijn om dat te doen. ik denk nog eens na of dit juist is, wat ons de som geeft. hoeveel heeft zij er nog over als hij de helft neemt? we bekijken nu de driehoek waarvan de zijden bekend zijn, maar niet de hoek",
  sv: "först måste vi hitta värdet på talet och sedan kan vi lösa ekvationen. alla människor är födda fria och lika i värde och rättigheter. de bör handla gentemot varandra i en anda av broderskap. alltså är svaret det som vi letade efter, eftersom det finns två sätt att göra det på. jag tänker en gång till om detta är rätt, vilket ger oss summan. hur många har hon kvar om han tar hälften av dem? vi betraktar nu triangeln vars sidor är kända, men inte vinkeln",
  pl: "najpierw musimy znaleźć wartość liczby, a potem możemy rozwiązać równanie. wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. powinni postępować wobec innych w duchu braterstwa. więc odpowiedź jest tym, czego szukaliśmy, ponieważ są dwa sposoby, aby to zrobić. jeszcze raz myślę, czy to jest poprawne, co daje nam sumę. ile jej zostało, jeśli on weźmie połowę z nich? rozważmy teraz trójkąt, którego boki są znane, ale nie kąt",
};

const maxCharacters = 2000; // of a text: more does not make the answer surer

function trigrams(text: string): string[] {
  const letters = ` ${text
    .toLowerCase()
    .replace(/[^\p{L}]+/gu, " ")
    .trim()} `;
  return Array.from({ length: Math.max(0, letters.length - 2) }, (_, i) => letters.slice(i, i + 3));
}

interface Profile {
  readonly language: string;
  readonly counts: ReadonlyMap<string, number>;
  readonly total: number;
}

function profileOf(language: string): Profile {
  const counts = new Map<string, number>();
  const all = trigrams(samples[language]!);
  for (const trigram of all) counts.set(trigram, (counts.get(trigram) ?? 0) + 1);
  return { language, counts, total: all.length };
}

/** An identifier among some of en, de, fr, es, it, pt, nl, sv and pl (default: all). */
export function ngramIdentifier(
  languages: readonly string[] = Object.keys(samples),
): LanguageIdentifier {
  const unknown = languages.filter((language) => !Object.hasOwn(samples, language));
  if (unknown.length > 0) {
    throw new RangeError(
      `ngramIdentifier: expected some of ${Object.keys(samples).join(", ")}, got ${unknown.join(", ")}.`,
    );
  }
  const profiles = languages.map(profileOf);
  return (text) => {
    const found = trigrams(text.slice(0, maxCharacters));
    if (found.length < 8) return undefined;
    let best: { language: string; score: number } | undefined;
    for (const { language, counts, total } of profiles) {
      // Half a count for trigrams not seen: a sample this small has not seen most of them.
      const score = found.reduce(
        (sum, key) => sum + Math.log(((counts.get(key) ?? 0) + 0.5) / (total + 500)),
        0,
      );
      if (best === undefined || score > best.score) best = { language, score };
    }
    return best?.language;
  };
}
