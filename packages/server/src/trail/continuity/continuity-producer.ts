/** Follows one producer through a log: its numbers, epochs, times, silences and heartbeats. */
import type { EntryFacts } from '@keywitness/tracker'
import type { EpochReport, EventAt, Found, NumbersAt, ProducerReport, Silence } from './continuity-report.ts'

/** Places that a report lists of each finding, and epochs. */
const placesMax = 20
const epochsMax = 100
/** Missing ranges that are remembered, to tell late numbers from reused ones. */
const rangesMax = 10_000
/** How far an event's time may lie before the one before it, or after the report's own, milliseconds. */
const datedToleranceMs = 60_000
/** How much later than promised a heartbeat may be, milliseconds. */
const heartbeatSlackMs = 30_000

/** Counts, and keeps the first places. */
export class Finds<Place> {
  #count = 0
  readonly #places: Place[] = []

  add(place: Place, count = 1): void {
    this.#count += count
    if (this.#places.length < placesMax) this.#places.push(place)
  }

  found(): Found<Place> {
    return { count: this.#count, places: this.#places }
  }
}

type Numbered = NonNullable<EntryFacts['numbered']>

/** An event of the producer, as far as following it needs. */
export interface FollowedEvent {
  readonly index: number
  readonly numbered: Numbered
  readonly time: number | undefined
  readonly action: string | undefined
  /** Of an opening event or a heartbeat: after how much quiet the next one is promised. */
  readonly heartbeatSeconds: number | undefined
  /** Of an opening event: whether the tracker itself opens. */
  readonly isTracker: boolean | undefined
}

interface Epoch {
  first: number
  last: number
  events: number
  opened: EventAt | undefined
}

export class ProducerScan {
  readonly #producer: string
  /** Whether everything before the first entry looked at is known, since there is nothing. */
  readonly #isFromStart: boolean
  readonly #now: number
  #isTracker = false
  #events = 0
  #first = 0
  #last = 0
  #epoch = 0
  readonly #epochs = new Map<number, Epoch>()
  #epochCount = 0
  #ranges: NumbersAt[] = []
  readonly #missing = new Finds<NumbersAt>()
  readonly #late = new Finds<NumbersAt>()
  readonly #reused = new Finds<NumbersAt>()
  readonly #earlier = new Finds<NumbersAt>()
  readonly #missingEpochs = new Finds<NumbersAt>()
  readonly #contradictions = new Finds<NumbersAt>()
  readonly #lateDated = new Finds<EventAt>()
  readonly #futureDated = new Finds<EventAt>()
  #before: EventAt | undefined
  #beforeThat: EventAt | undefined
  /** Two events whose times are the wrong way round, and the time before them: which is odd shows by the next. */
  #wentBack: { readonly before: EventAt; readonly event: EventAt; readonly base: number | undefined } | undefined
  #longest: Silence | undefined
  #everySeconds: number | undefined
  #heartbeats = 0
  readonly #missed = new Finds<Silence>()
  readonly #stops = new Finds<Silence>()

  constructor(producer: string, isFromStart: boolean, now: number) {
    this.#producer = producer
    this.#isFromStart = isFromStart
    this.#now = now
  }

  get first(): number {
    return this.#first
  }

  get last(): number {
    return this.#last
  }

  add(event: FollowedEvent): void {
    this.#number(event)
    if (event.time !== undefined) this.#date({ index: event.index, time: event.time }, event)
    this.#events += 1
    if (event.isTracker === true) this.#isTracker = true
    if (event.heartbeatSeconds !== undefined) this.#everySeconds = event.heartbeatSeconds
    if (event.action === 'hs-crypto.producer.heartbeat') this.#heartbeats += 1
  }

  #number({ index, numbered: { epoch, sequence, opening }, time }: FollowedEvent): void {
    const at = { first: sequence, last: sequence, index }
    const isFirst = this.#events === 0
    const held = { epoch: this.#epoch, sequence: this.#last }
    let isLate = false
    if (isFirst) {
      this.#first = sequence
      if (this.#isFromStart && sequence > 1) this.#skip({ first: 1, last: sequence - 1, index })
    } else if (sequence > this.#last + 1) this.#skip({ first: this.#last + 1, last: sequence - 1, index })
    else if (sequence <= this.#last) {
      isLate = this.#fill(sequence)
      if (isLate) this.#late.add(at)
      else if (sequence < this.#first && !this.#isFromStart) this.#earlier.add(at)
      else this.#reused.add(at)
    }
    if (!isFirst && epoch > held.epoch + 1) {
      this.#missingEpochs.add({ first: held.epoch + 1, last: epoch - 1, index }, epoch - 1 - held.epoch)
    }
    if (opening !== undefined && !isLate) {
      const forgets = !isFirst && (opening.sequence < held.sequence || opening.epoch < held.epoch)
      const isOwnWord = opening.sequence === sequence - 1 && opening.epoch === epoch - 1
      if (forgets || !isOwnWord) this.#contradictions.add({ ...at, last: Math.max(held.sequence, sequence) })
    }
    this.#epoch = sequence > this.#last ? epoch : Math.max(epoch, this.#epoch)
    this.#last = Math.max(this.#last, sequence)
    this.#count(epoch, sequence, opening === undefined || time === undefined ? undefined : { index, time })
  }

  #skip(range: NumbersAt): void {
    this.#missing.add(range, range.last - range.first + 1)
    if (this.#ranges.length < rangesMax) this.#ranges.push(range)
  }

  /** Takes a number out of the missing ones; false when it is none of them. */
  #fill(sequence: number): boolean {
    const place = this.#ranges.findLastIndex(({ first, last }) => first <= sequence && sequence <= last)
    const range = this.#ranges[place]
    if (range === undefined) return false
    const rest = [
      { ...range, last: sequence - 1 },
      { ...range, first: sequence + 1 },
    ].filter(({ first, last }) => first <= last)
    this.#ranges.splice(place, 1, ...rest)
    return true
  }

  #count(epoch: number, sequence: number, opened: EventAt | undefined): void {
    let known = this.#epochs.get(epoch)
    if (known === undefined) {
      known = { first: sequence, last: sequence, events: 0, opened: undefined }
      this.#epochs.set(epoch, known)
      this.#epochCount += 1
      const oldest = this.#epochs.keys().next().value
      if (this.#epochs.size > epochsMax && oldest !== undefined) this.#epochs.delete(oldest)
    }
    known.first = Math.min(known.first, sequence)
    known.last = Math.max(known.last, sequence)
    known.events += 1
    known.opened ??= opened
  }

  #date(event: EventAt, { numbered }: FollowedEvent): void {
    this.#judge(event)
    const before = this.#before
    if (event.time > this.#now + datedToleranceMs) this.#futureDated.add(event)
    else if (before !== undefined && event.time < before.time - datedToleranceMs) {
      this.#wentBack = { before, event, base: this.#beforeThat?.time }
    }
    if (before !== undefined) this.#quiet(before, event, numbered.opening !== undefined)
    this.#beforeThat = before
    this.#before = event
  }

  /**
   * Of two events whose times are the wrong way round, the second is odd; or the first, when it lies ahead of the one
   * before it and of the one behind both.
   */
  #judge(next: EventAt | undefined): void {
    const back = this.#wentBack
    this.#wentBack = undefined
    if (back === undefined || back.before.time > this.#now + datedToleranceMs) return
    const limit = back.before.time - datedToleranceMs
    const isFirstOdd = (back.base ?? 0) < limit && next !== undefined && next.time < limit
    if (isFirstOdd) this.#futureDated.add(back.before)
    else this.#lateDated.add(back.event)
  }

  #quiet(after: EventAt, before: EventAt | undefined, isStart: boolean): void {
    const ms = (before?.time ?? this.#now) - after.time
    const silence = { seconds: Math.floor(ms / 1_000), after, before }
    if (silence.seconds > (this.#longest?.seconds ?? 0)) this.#longest = silence
    if (this.#everySeconds === undefined) return
    const promised = this.#everySeconds * 1_000
    if (ms <= promised + heartbeatSlackMs) return
    if (isStart) this.#stops.add(silence)
    else this.#missed.add(silence, Math.max(1, Math.floor((ms - heartbeatSlackMs) / promised)))
  }

  /** @param reachesEnd whether the log ends with what was looked at: then silence up to now is silence, too */
  report(reachesEnd: boolean): ProducerReport {
    this.#judge(undefined)
    if (reachesEnd && this.#before !== undefined) this.#quiet(this.#before, undefined, false)
    const epochs = [...this.#epochs].map(([epoch, seen]): EpochReport => ({ epoch, ...seen }))
    return {
      producer: this.#producer,
      kind: this.#isTracker ? 'tracker' : 'service',
      events: this.#events,
      first: this.#first,
      last: this.#last,
      missing: this.#missing.found(),
      late: this.#late.found(),
      reused: this.#reused.found(),
      earlier: this.#earlier.found(),
      missingEpochs: this.#missingEpochs.found(),
      contradictions: this.#contradictions.found(),
      lateDated: this.#lateDated.found(),
      futureDated: this.#futureDated.found(),
      epochs: { count: this.#epochCount, places: epochs },
      longestSilence: this.#longest,
      heartbeats: {
        everySeconds: this.#everySeconds,
        recorded: this.#heartbeats,
        missed: this.#missed.found(),
        stops: this.#stops.found(),
      },
    }
  }
}
