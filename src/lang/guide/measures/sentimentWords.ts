/** Common English words of praise and of blame, in their dictionary forms; irregular forms have their own entries. */

/** Not "like", "well", "kind", "pretty" or "fine", which mostly mean something else. */
export const positiveWords = setOf(`
  abundant accomplish accomplishment achieve achievement admirable admire adorable adore advantage affection affectionate
  agreeable amaze amazing amuse amusing appeal appreciate appreciation approve astonishing attractive authentic award awesome
  beautiful beauty beloved benefit beneficial best better bless blessing bliss bold bonus brave breathtaking bright brilliant
  calm capable captivate care caring celebrate champion charm charming cheer cheerful cherish clever comfort comfortable
  compassion compelling confident congratulations convenient cool courage courageous cozy creative cute dazzling dear delicious
  delight delightful dependable deserve desirable devoted divine dream eager earnest ease effective efficient elegant enchanting
  encourage energetic engaging enjoy enjoyable enjoyment enthusiasm enthusiastic excellence excellent exceptional excite
  excitement exciting exquisite extraordinary fabulous fair faith fantastic fascinate fascinating favorite fearless festive
  flawless flourish fond fresh friend friendly fun funny generous genius gentle genuine gift glad glorious glory glow good gorgeous
  grace graceful gracious grateful gratitude great grin happiness happy harmonious harmony healthy heartwarming helpful hero
  honest honor hooray hope hopeful hug humor ideal impress impressive improve improvement incredible innovative insightful inspire
  inspiration intelligent inviting joy joyful jubilant keen kindness laugh laughter legendary lively love lovely loyal luck lucky
  luxurious magic magical magnificent marvel marvelous masterpiece memorable merry miracle miraculous motivate neat nice noble
  optimistic outstanding paradise passion passionate peace peaceful perfect perfection phenomenal playful pleasant pleased pleasing pleasure
  polite positive powerful praise precious prize prosper proud radiant recommend refreshing reliable relief remarkable respect
  reward rich robust romantic safe satisfaction satisfy sensational sincere skillful smart smile smooth spectacular splendid
  stunning sturdy sublime succeed success successful sunny superb superior sweet talent talented tasty terrific thank
  thankful thanks thoughtful thrill thrilling thrive treasure triumph trust trustworthy unforgettable uplifting valuable vibrant
  victory vivid warm warmth welcome wholesome win wins winner winning wise witty won wonder wonderful worthy wow yay yummy
`);

export const negativeWords = setOf(`
  abandon abuse abysmal accuse ache afraid aggressive agony alarm alarming alas angry anger annoy anxious anxiety appalling arrogant
  ashamed atrocious attack awful awkward bad ban bankrupt betray bitter blame bland bleak bore boring bother break broke broken
  brutal burden catastrophe catastrophic chaos chaotic cheat clumsy collapse complain complaint confuse confusion corrupt
  coward crash crazy crime crisis criticize cruel cruelty cry damage danger dangerous dead deadly death deceive defeat defect
  defective deficient deny depress depressing deprive despair desperate despise destroy destruction die dirty disagree disappoint
  disappointment disaster disastrous disgust disgusting dishonest dislike dismal distress disturb dread dreadful dreary dull dumb
  embarrass enemy evil exhaust fail failure fake fault faulty fear fearful filthy flaw flimsy fool foolish fraud frightening
  frustrate frustration furious gloomy grave greedy grief grim gross guilt guilty harm harmful harsh hate hateful hatred hideous
  hopeless horrible horrid horror hostile hurt ignorant ill illness inadequate incompetent inferior injure injury insult jealous
  junk kill lame lazy liar lonely lose loser loss lost lousy mad mediocre mess messy miserable misery miss mistake mourn murder
  nasty naughty negative neglect nervous nightmare noisy obnoxious offend offensive outrage outrageous pain painful panic pathetic
  pessimistic petty pity poison poor problem punish rage refuse regret reject repulsive resent revolting rotten rude ruin sad sadness
  scandal scare scary scream selfish severe shabby shame shameful shock shocking sick sinister sloppy sorrow sorry spoil steal stink
  stress stressful stupid suffer suspicious tedious terrible terrify terror threat threaten tiresome toxic tragedy tragic trash
  trouble ugly unacceptable uncomfortable unfair unfortunate unhappy unhealthy unkind unpleasant unreliable unsafe upset useless
  vicious victim vile violence violent weak weakness weary wicked worry worse worst worthless wound wreck wretched wrong
`);

/** They look like inflections of words above and are none. */
export const neutralWords = setOf("fairly goods");

function setOf(words: string): ReadonlySet<string> {
  return new Set(words.trim().split(/\s+/));
}
