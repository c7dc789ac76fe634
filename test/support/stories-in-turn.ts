import { networksInTurn } from './places-in-turn.ts'
import { linkedIn, storyOn, type LinkedStory, type Story, type StorySetting } from './story.ts'

/** Stories that follow one another on one network, for the tests of a file: see `networksInTurn`. Each has a host of its own. */
export function storiesInTurn() {
  const nextNetwork = networksInTurn()
  const nextStory = async ({ network, host }: StorySetting = {}): Promise<Story> =>
    storyOn(await nextNetwork(network), host)
  const nextLinkedStory = async (setting?: StorySetting): Promise<LinkedStory> => linkedIn(await nextStory(setting))
  return { nextStory, nextLinkedStory }
}
