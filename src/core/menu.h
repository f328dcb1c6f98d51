/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file menu.h  What a caller is asked, and what a key means (docs/caller.md)
 *
 * A table of questions. Pure, and knows nothing of queue or counsellors: the
 * call tells it what happens and what is so (struct menu_facts), it says what
 * the caller hears next, how long silence may last, and what they wish.
 */
#ifndef RINGBACK_CORE_MENU_H
#define RINGBACK_CORE_MENU_H

#include "core.h"

/** What the caller is hearing, or being asked. */
enum menu_state {
	MENU_NONE = 0,   /**< nothing: not answered yet, or talking         */
	MENU_LANGUAGE,   /**< which language?                               */
	MENU_HOLD,       /**< hold sound                                    */
	MENU_NOBODY,     /**< nobody there: be rung back, or speak          */
	MENU_LONG,       /**< waited too long: the same, or stay            */
	MENU_SAVING,     /**< waits for its promise to be written down      */
	MENU_SPEAK,      /**< the tone sounds, then the message             */
	MENU_SPEAKING,   /**< the message is being recorded                 */
	MENU_TO_PERSON,  /**< pressed 0 while recording: it is being filed  */
	MENU_KEPT,       /**< message kept: be rung back as well?           */
	MENU_NUMBER,     /**< is this number right?                         */
	MENU_TYPING,     /**< types a number                                */
	MENU_CHECKING,   /**< may we ring it?                               */
	MENU_WORDS,      /**< may we leave words?                           */
	MENU_HOURS,      /**< when may we ring?                             */
	MENU_SHOWN,      /**< what shall the phone show?                    */
	MENU_LEAVING,    /**< thanks and goodbye, then we hang up           */
	MENU_CONFIRM,    /**< rung back: are you there?                     */
	MENU_WORDS_LEFT, /**< the allowed words are said to a voicemail     */
	MENU_BEFORE_TONE, /**< asked to leave a message, hears how; still in
			      the queue                                     */
	MENU_TO_RING_BACK, /**< pressed 1 while recording: it is being filed */
	MENU_ZERO,       /**< typed a 0 and nothing more: a number that begins
			      so, or, if nothing follows, a person          */
	MENU_SAVING_RING_BACK, /**< waits for this promise to be written down */
	MENU_STAY,       /**< rung back, and the counsellor is lost: waits */
	MENU_STAY_OVER,  /**< the same, and nobody else is there: goodbye   */
	MENU_BLOCKED,    /**< hears that they are, then we hang up          */
	MENU_CHECK,      /**< in a flood: is asked for a key before all else */
	MENU_UNCHECKED,  /**< pressed none: hears that, then we hang up     */
	MENU_FULL,       /**< too many wait already: the same as MENU_LONG  */
	MENU_STATES
};

/** What happens to the dialogue. */
enum menu_event {
	MENU_EV_BEGIN = 0, /**< answered                                    */
	MENU_EV_KEY,       /**< .key                                        */
	MENU_EV_PLAYED,    /**< the list was heard to its end               */
	MENU_EV_SILENCE,   /**< and reply.quiet_ms have passed since        */
	MENU_EV_NEWS,      /**< offer_ms have passed in MENU_HOLD           */
	MENU_EV_NOBODY,    /**< nobody is there for this call (any more)    */
	MENU_EV_SOMEBODY,  /**< somebody is there again: back to hold       */
	MENU_EV_TOO_LONG,  /**< max_wait_ms have passed                     */
	MENU_EV_SAVED,     /**< the promise is durable                      */
	MENU_EV_NOT_SAVED,
	MENU_EV_FILED,     /**< the message is over, something was said     */
	MENU_EV_SILENT,    /**< it is over, nothing was said                */
	MENU_EV_NUMBER_GOOD,
	MENU_EV_NUMBER_BAD,
	MENU_EV_CONFIRM,   /**< picked up when rung back                    */
	MENU_EV_LEAVE_WORDS, /**< nobody pressed a key there: say the words */
	MENU_EV_LOST,      /**< out of a talk, and not by hanging up: waits */
	MENU_EV_LOST_BACK, /**< the same, on a leg that we have dialled     */
	MENU_EV_GOODBYE,   /**< was hearing thanks or goodbye: once more     */
	MENU_EV_OVER,      /**< talks now, or is gone: hears nothing more   */
	MENU_EVENTS
};

/** What is so, now. */
struct menu_facts {
	const struct core_line *line;
	uint32_t staffed;   /**< bits: place in line->languages             */
	bool here;          /**< open, and somebody for this call's language */
	bool open;
	bool number_known;  /**< from the call; nothing typed               */
	bool blocked;       /**< nobody is to be rung for them              */
	bool full;          /**< as many wait as may be                     */
	bool has_message;   /**< a message of this call is kept already     */
	uint32_t position;  /**< from 1                                     */
	uint64_t wait_ms;   /**< expected; UINT64_MAX unknown               */
};

/** What the caller wishes; several at once, in this order. */
enum menu_wish {
	MENU_WISH_WAIT = 1 << 0,       /**< into the queue, if not there    */
	MENU_WISH_MESSAGE = 1 << 1,    /**< promise it, before the tone     */
	MENU_WISH_RECORD = 1 << 2,     /**< the tone is over                */
	MENU_WISH_STOP = 1 << 3,       /**< the message is done             */
	MENU_WISH_TYPE_ANEW = 1 << 4,
	MENU_WISH_TYPED = 1 << 5,      /**< the key is a digit of a number  */
	MENU_WISH_CHECK = 1 << 6,      /**< may this number be rung?        */
	MENU_WISH_RING_BACK = 1 << 7,  /**< promise it: menu->words, ...    */
	MENU_WISH_DECLINE = 1 << 8,    /**< wants nothing (more)            */
	MENU_WISH_HANG_UP = 1 << 9,    /**< said goodbye: end the leg       */
	MENU_WISH_TALK = 1 << 10,      /**< rung back: is there             */
	MENU_WISH_NO_KEY = 1 << 11,    /**< rung back: nobody pressed a key */
};

struct menu {
	uint8_t state;      /**< enum menu_state                            */
	uint8_t language;   /**< index; that of the call                    */
	uint8_t from;       /**< where a question came from and returns to  */
	uint8_t n_asked;    /**< the same question, in a row                */
	uint8_t n_digits;   /**< typed                                      */
	uint8_t check;      /**< the key still to be pressed before all else; 0
				 none                                       */
	bool number_confirmed; /**< asked to be rung back, at least so      */
	enum promise_words words;
	enum promise_hours hours;
	enum promise_shown shown;
};

struct menu_reply {
	unsigned wishes;    /**< bits of enum menu_wish                     */
	bool play;          /**< .list replaces what is being heard         */
	struct core_playlist list; /**< serial 0: the call fills it in      */
	bool ignored;       /**< a key that means nothing where nothing may be
				said: what is heard and timed goes on       */
	uint32_t quiet_ms;  /**< silence allowed after the list, or from now
			      on if nothing plays; 0: no limit. Said in every
			      reply, and replaces what was said before        */
};

/**
 * What happens next
 *
 * A list that is played empty hushes what was heard: comfort noise. The
 * choice of a language is in menu->language afterwards.
 *
 * What the call can rely on: each time the caller comes to MENU_HOLD or is
 * asked to stay there the wish is WAIT, and the longest wait counts anew.
 * WAIT may follow MESSAGE before RECORD (0 pressed meanwhile). After SILENT
 * the same promise serves the next try: RECORD comes without MESSAGE. Where
 * nothing was promised, HANG_UP comes without DECLINE: the caller said
 * nothing, three times, or the line is closed and takes nothing.
 *
 * @return 0; EPROTO if the event means nothing in this state: nothing
 *         changed. A key never does that, nor does PLAYED: a key without a
 *         meaning is answered with wrong_key, or with nothing where speaking
 *         would harm (recording, detention). EINVAL
 */
int menu_step(struct menu *menu, enum menu_event ev, uint8_t key,
	      const struct menu_facts *facts, struct menu_reply *reply);

/** For traces and drawings. */
const char *menu_state_name(enum menu_state state);

#endif
