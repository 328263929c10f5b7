import 'reflect-metadata'
import { Body, Controller, Injectable, Module, Post } from '@nestjs/common'
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common'
import { APP_INTERCEPTOR, NestFactory } from '@nestjs/core'
import OpenAI from 'openai'
import { withSpendTags } from 'opentelemetry-instrumentation-aimlapi'
import { Observable } from 'rxjs'

/** Every call made by a handler carries the handler's name. */
@Injectable()
class SpendTagsInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    // A handler runs when its observable is subscribed to: that is what must happen inside.
    return new Observable((subscriber) =>
      withSpendTags({ handler: context.getHandler().name }, () => next.handle().subscribe(subscriber)),
    )
  }
}

@Controller()
class AskController {
  private readonly openai = new OpenAI({
    baseURL: 'https://api.aimlapi.com/v1',
    apiKey: process.env.AIMLAPI_API_KEY ?? '',
  })

  @Post('ask')
  async ask(@Body() body: { question: string }): Promise<{ answer: string | null }> {
    const completion = await this.openai.chat.completions.create({
      model: 'gpt-4o-mini',
      messages: [{ role: 'user', content: body.question }],
    })
    return { answer: completion.choices[0]?.message.content ?? null }
  }
}

@Module({
  controllers: [AskController],
  providers: [{ provide: APP_INTERCEPTOR, useClass: SpendTagsInterceptor }],
})
class AppModule {}

async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] })
  await app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1')
  console.log(`listening on ${(await app.getUrl()).replace('127.0.0.1', 'localhost')}`)
}

void main()
