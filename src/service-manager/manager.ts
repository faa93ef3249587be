export type ManagerName = 'systemd' | 'supervisord' | 'pm2';

/** What is to run all the time. */
export interface Program {
  /** Absolute path of the program, and its arguments. */
  readonly command: readonly string[];
  /** User of the system that it runs as; undefined: whoever installs it. */
  readonly user: string | undefined;
  /** Folder of its settings and the one of its state. */
  readonly config: string;
  readonly state: string;
}

export type Command = readonly [program: string, ...args: string[]];

/** What can be told of an installed service. */
export interface Standing {
  readonly running: boolean;
  /** As the manager says it, in one line. */
  readonly text: string;
}

/** Something that runs programs and starts them anew. */
export interface ServiceManager {
  readonly name: ManagerName;
  /**
   * Where the file of a service belongs.
   * @param user  undefined: that of the machine; else the folder of settings of the one for whom it is installed
   */
  file(user: string | undefined): string;
  text(program: Program): string;
  /** In order: what makes of the file a service that runs; what ends it, before the file goes; what is to be done after that. */
  begin(file: string, ofUser: boolean): readonly Command[];
  end(file: string, ofUser: boolean): readonly Command[];
  forget(ofUser: boolean): readonly Command[];
  /** What is asked for its standing, and how to read the answer. */
  status(ofUser: boolean): Command;
  standing(answer: string): Standing;
  /** Where to look when it does not start. */
  logs(ofUser: boolean): string;
}

/** Name of the service, its user and its folders. */
export const serviceName = 'swarmbox';
