/** One instruction of a Dockerfile, continued lines joined. */
export interface Instruction { word: string; rest: string }
/** From one FROM to the next. */
export interface Stage { name: string; base: string; instructions: Instruction[] }

/** The stages of a Dockerfile and the arguments before the first. Throws where a stage has no name: nothing could build it alone. */
export function stagesOf(text: string): { args: Record<string, string>; stages: Stage[] } {
  const lines = text.replaceAll(/^\s*#.*\n/gm, '').replaceAll(/\\\n\s*/g, ' ').split('\n').map((line) => line.trim()).filter((line) => line !== '');
  const args: Record<string, string> = {};
  const stages: Stage[] = [];
  for (const line of lines) {
    const [word = '', rest = ''] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1).trim()];
    const current = stages.at(-1);
    if (word === 'FROM') {
      const [base, as, name] = rest.split(/\s+/);
      if (base === undefined || as !== 'AS' || name === undefined) throw new Error(`FROM ${rest} has no name`);
      stages.push({ name, base, instructions: [] });
    } else if (current === undefined) {
      const [name = '', value = ''] = rest.split('=', 2);
      if (word === 'ARG') args[name] = value;
    } else {
      current.instructions.push({ word, rest });
    }
  }
  return { args, stages };
}

/** Stages that no other stage builds on: those that become images, each with all that it has from the stages that it stands on. */
export function imagesOf(stages: Stage[]): Stage[] {
  const used = new Set(stages.flatMap((stage) => [stage.base, ...stage.instructions.flatMap(({ word, rest }) => (word === 'COPY' ? [...rest.matchAll(/--from=(\S+)/g)].map(([, from]) => from!) : []))]));
  return stages.filter(({ name }) => !used.has(name)).map((stage) => wholeStage(stage, stages));
}

function wholeStage(stage: Stage, stages: Stage[]): Stage {
  const below = stages.find(({ name }) => name === stage.base);
  if (below === undefined) return stage;
  const whole = wholeStage(below, stages);
  return { name: stage.name, base: whole.base, instructions: [...whole.instructions, ...stage.instructions] };
}

/** What is wrong with a stage that becomes an image (S-03): one sentence a fault. */
export function imageFaults(stage: Stage): string[] {
  const of = (word: string): Instruction[] => stage.instructions.filter((each) => each.word === word);
  const user = of('USER').at(-1)?.rest ?? '';
  const faults: (string | false)[] = [
    stage.base !== '${RUNTIME}' && 'is not built on RUNTIME', of('RUN').length > 0 && 'runs something, which needs a shell in the last stage', of('ADD').length > 0 && 'uses ADD',
    !/^[1-9][0-9]*:[1-9][0-9]*$/.test(user) && `runs as "${user}": a uid and a gid other than 0 in numbers, so that Kubernetes can check them`,
    !(of('ENTRYPOINT').at(-1)?.rest ?? '').startsWith('[') && 'has no ENTRYPOINT in exec form', !(of('CMD').at(-1)?.rest ?? '').startsWith('[') && 'has no CMD in exec form',
    !of('COPY').some(({ rest }) => /--from=\S+-modules /.test(rest)) && 'brings no modules of a stage of its own',
    of('ENV').some(({ rest }) => /PASSWORD|SECRET|TOKEN|KEY/.test(rest)) && 'has a secret in its environment', [...of('COPY')].some(({ rest }) => /^\.\s/.test(rest)) && 'copies the whole context',
  ];
  return faults.filter((fault): fault is string => fault !== false).map((fault) => `${stage.name} ${fault}`);
}
