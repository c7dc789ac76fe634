/** Returns the result of the work. @throws an error with the code `overdue` if the work takes longer than `limitMs`. */
export async function withTimeLimit<Result>(limitMs: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('no answer'), { code: 'overdue' })), limitMs)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
