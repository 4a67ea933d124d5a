/** A text to compare models on where the user has none: prose, talk, a list, numbers and code. Written for this. */

export const sampleText = `The ferry left at ten past six, a little before the sun came over the hills on the far side of the bay. There were eleven passengers, two bicycles and a crate of lemons, and the captain, who had made the crossing every working day for nineteen years, said good morning to each of them by name. Halfway across, the engine coughed twice and stopped.

"It does that," said the captain. "Give it a minute."

They gave it four. A woman in a green coat asked whether anybody had tried cleaning the fuel filter, and it turned out that she repaired tractors for a living. She took off her coat, rolled up her sleeves and went below with a torch between her teeth. When she came back, the engine was running again and her hands were black.

"How did you know?" asked the boy with the larger of the two bicycles.

"Because it stopped slowly. If the fault is electrical, an engine stops at once, like a light that is switched off. If it is starved of fuel, it fades." She wiped her hands on a rag. "Most things tell you what is wrong with them, if you listen to how they fail."

Photosynthesis is the process by which green plants turn light into chemical energy. In the first stage, pigments in the chloroplasts absorb photons and use their energy to split water into oxygen, protons and electrons. In the second stage, which does not need light directly, carbon dioxide from the air is fixed into sugar. The overall reaction takes six molecules of carbon dioxide and six of water and yields one molecule of glucose and six of oxygen.

To make a simple tomato soup for four people you need:
1. one onion, chopped finely, and two cloves of garlic;
2. a tablespoon of olive oil;
3. 800 grams of ripe tomatoes, or two tins;
4. half a litre of vegetable stock, salt, pepper and a little sugar.
Fry the onion gently until it is soft, add the garlic for a minute, then the tomatoes and the stock. Simmer for twenty minutes, blend until smooth, and season to taste.

function average(values) {
  let sum = 0;
  for (const value of values) {
    sum += value;
  }
  return values.length === 0 ? 0 : sum / values.length;
}

In 1969 the population of the town was 4,210; by 1999 it had fallen to 2,875, and in 2019 it was 3,140 again. The mayor explained the change in a letter to the newspaper. "For thirty years," she wrote, "we lost our young people to the cities, because there was no work for them here. Since the railway line was opened again, they can work there and live here, and many of them do. What we need now is not more houses but a second school."
`;
