import { StagedBody, type BodyForm } from '../../../src/api/staged-body.ts'

/** Gives a form its bytes the way a body does. What the form throws is thrown when the body is over. */
export class StagedForm extends StagedBody {
  readonly #form: BodyForm

  constructor(form: BodyForm) {
    super()
    this.#form = form
  }

  end(): void {
    this.endStage()
    if (this.hasBroken) throw new Error('the form, or who listens to it, has thrown')
  }

  protected chooseForm(): BodyForm {
    return this.#form
  }
}
