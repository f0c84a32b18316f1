"""English messages of the constructed study (and a few mixed, Japanese and Spanish ones), written for it: no text of a real person.

The notation is that of `templates_zh`.
"""

SLOTS: dict[str, str] = {
    "who": "she|she|the teapot girl|little teapot|this girl|the jade girl",
    "relics": "these relics|the relics|all those artifacts|the ones left behind",
    "mus": "the British Museum|the BM|that museum",
    "cn": "the National Museum|the Palace Museum|the museum in Shanghai|my local museum",
    "ep": "episode one|episode 2|part 3|the last part|ep 1",
    "scene": "when she looked back|the letter scene|the crosswalk scene|when she touched the glass|the bread scene|the goodbye with the tricolour lady",
    "scene_noun": "the letter scene|the crosswalk bit|the bridge bit|that last shot|the goodbye|the bread scene",
    "reporter": "the journalist|the reporter|Yong'an",
    "n": "2|3|4|5|8|12|20",
    "min": "1:12|2:40|3:21|4:05|0:47",
    "yr": "2023|2023|2024",
}

GROUPS: dict[str, tuple[str, str]] = {
    "ae1": (
        "AE1:pain ~sad",
        """
        {ok |}{i'm crying|I'm crying|im crying|I'm literally crying|I'm sobbing|im sobbing|I'm bawling}
        {did not expect to|was not ready to} {end up in tears|end up sobbing} {at a short video|on a Tuesday|at 2am|at work}
        {cried my eyes out|ugly crying|bawling my eyes out|sobbing on the bus}
        {this|that ending|{scene_noun}} {broke me|wrecked me|made me cry|had me sobbing|got me in tears}
        {this is|that was} {heartbreaking|so heart-wrenching|devastating}
        {my heart|my poor heart|oh my heart}
        {tears in my eyes|tears streaming down my face|teared up} {on the train|again|before the title even appeared|}
        {why am i crying|why am I crying} {at {n} in the morning|over a short drama|again|}
        {I'm not crying you're crying|who's cutting onions|not a dry eye in this house}
        {watched it {n} times and|every rewatch,} {I cried every time|still crying}
        {got a lump in my throat|choked up} {at the end|in the first minute|}
        """,
    ),
    "ae2": (
        "AE2:pain OBJ:one ~sad",
        """
        {my heart broke|my heart breaks|my heart sank} when {she} {said she just wants to go home|bowed|looked back|fell asleep on that bench}
        {I feel so bad for her|I feel for her|my heart goes out to her|my heart aches for her}
        {poor little teapot|poor girl|poor little thing}, {I'm crying|this hurts|heartbreaking}
        {crying over a teapot|sobbing over a teapot|crying for the teapot} was not {on my list|my plan} today
        {scene} {I sobbed|I cried so hard|I was in tears}, {poor baby|she is so small|she deserves better}
        {who} {just wants to go home|walks all that way alone|keeps smiling} and {I'm sobbing|it breaks my heart|I can't stop crying}
        {the way she smiles through it|her little shoes|her voice when she says home} {broke my heart|made me tear up|has me in tears}
        {so sad for her|heartbroken for her}
        """,
    ),
    "ae1_odd": (
        "AE1:pain ~none",
        """
        {I need a minute|give me a minute|gonna need a minute}
        {well there goes my mascara|went through a whole box of tissues}
        {had to sit in the car for a bit|stared at the ceiling for an hour after this}
        {something in my eye|pretending to yawn so nobody asks}
        {no words|just no words}
        """,
    ),
    "ae2_odd": (
        "AE2:pain OBJ:one ~none",
        """
        {she} {turned around|waved|bowed} and {I lost it|I was done|that was me gone}
        {hasn't left my head all day, that girl|three days later and I still think about her on that bench}
        {the teapot girl|that little face} {took me out|finished me}
        """,
    ),
    "ae_joy": (
        "AE2:joy OBJ:one ~joy",
        """
        {so happy for her|I'm so happy for her|so glad she made it|so relieved for her}
        {she made it home|she got home} {happy tears|tears of joy} ## AE2:mixed
        {my heart melted|my heart is full} when {she laughed|she ate the candy|she saw the kites}
        grinning like an idiot {every time she|whenever she} {skips|laughs|tries the street food}
        {who} {finally smelling home air|running up the steps} {warms my heart|had me cheering out loud}
        """,
    ),
    "ae_emoji": ("AE1:pain ~none", "\n{😭|😭😭|😭😭😭|😭😭😭😭|🥹🥹|💔|😢😢|🥺💔|T_T}\n"),
    "ae_ce": (
        "AE2:pain CE2 OBJ:one ~sad",
        """
        imagine {being stared at for a century|standing in the dark every night} by people who don't {know your name|speak your language}, {I'm crying|my heart}
        {she keeps smiling|she won't complain} because she doesn't want to be {a burden|sent back}, {this broke me|I'm in tears}
        {she isn't scared of|what scares her is not} {the dark|the walk}, she's scared {nobody at home remembers her|of being forgotten}. {heartbreaking|I sobbed}
        {if I were locked behind glass|put me in that case} for {a hundred years|so long} I would {run too|have lost my mind}, {poor girl|I feel so bad for her}
        """,
    ),
    "ae_ec": (
        "AE2:pain EC OBJ:one ~sad",
        """
        {I'm crying|sobbing}, {hope she's safe|please let her be safe|someone give her a hug}
        {poor little teapot|poor girl}, {sending hugs|I want to hug her so bad|get home safe little one}
        {my heart aches for her|I feel so bad for her}, {I hope she's warm and loved now|may she never be alone again|someone buy her a warm meal}
        """,
    ),
    "ae_relics": (
        "AE2:pain OBJ:relics ~sad",
        """
        {I feel for the relics|my heart aches for them|so sad for them}
        all of {them|{relics}} {standing in the dark|waiting behind glass}, {I can't stop crying|it breaks my heart|I'm sobbing}
        {when {relics} said goodbye|the moment they all spoke up} {I cried|I was in tears|I bawled}
        {cried for them|crying for these} {all night|more than I want to admit}
        """,
    ),
    "ae_km": (
        "AE2:mixed KM OBJ:one ~sad",
        """
        {the reunion|when she hugged her family} {was so moving|moved me to tears|had me in happy tears}
        {reporter} {giving her his coat|kneeling to tie her scarf}, {so touching|my heart is so warm right now, tears}
        {strangers sharing bread with her|the old lady feeding her} {restored my faith in people, I teared up|touched my heart}
        """,
    ),
    "ae_pd": (
        "AE1:pain PD ~none",
        """
        {too sad|this hurts}, {I had to stop watching|I can't watch this again|had to pause}
        {can't bring myself to watch it again|I couldn't finish it}, {it hurts so much|too heartbreaking}
        {had to skip that part|paused it twice}, {I was sobbing and couldn't breathe|it hurts}
        """,
    ),
    "ae_assoc": (
        "AE2:pain ASSOC OBJ:one ~sad",
        """
        as {an immigrant|someone who left home at 18|an international student} {she hit so hard|I saw myself in her}, {I'm crying|I cried}
        {haven't been home in|living abroad for} {n} years and {her face when she says home|that girl} {broke me|got me in tears}, {that's me|I know that exact look}
        """,
    ),
    "ae_id": (
        "AE2:pain ID WE OBJ:relics ~sad",
        """
        {as a Chinese person|as a Chinese} seeing {our relics|our treasures} {behind their glass|so far from home} {breaks my heart|made me cry}
        {those are our ancestors' things|that is our heritage} {in there|in a foreign hall}, {I'm in tears|it hurts so much}
        """,
    ),
    "ae_nation": (
        "AE2:pain MEM OBJ:nation ~sad",
        """
        my heart aches for {the Chinese people|the people} {who watched the Summer Palace burn|who lost everything in 1860}
        {so sad for|my heart aches for} {everyone who lost their home to a war|anyone who can't go home}, {whatever the country|any people, any century} ## -MEM OBJ:all
        {reading about|remembering} {the Opium Wars|the burning of the Old Summer Palace} and {crying for them|so sad for the people who lived through it}
        """,
    ),
    "ae_anger": (
        "AE2:pain AN:country OBJ:one ~sad",
        """
        {crying for her|my heart breaks for her} and {so angry at the thieves|furious at those who stole her} {|tbh}
        {poor girl|poor thing}, {stolen|looted} and {put on display by thieves|shown off by robbers}, {disgusting|this hurts}
        """,
    ),
    "ce1": (
        "CE1 OBJ:one ~plain",
        """
        {she's|she is} {homesick|so lonely|scared|so brave but terrified|just relieved}
        {I get her|I understand her|she just wants to go home|she misses home}
        {you can tell|you can see} {she's lonely|she misses home|she is holding it in}
        {who} {finally feels safe|is putting on a brave face|has had enough of smiling for strangers}
        """,
    ),
    "ce2": (
        "CE2 OBJ:one ~plain",
        """
        imagine being {stared at|photographed} {for a century|all day long} by people who don't know your name
        {she looks back because|she hesitates because} {she can't bear to leave the others|it might be the last time}
        {imagine being locked|imagine being kept} {behind glass|in a case} {for a century|with nobody who speaks your language}
        {she must be so lonely|how scared she must be|nobody understands her} {in that place|there}, {and still she smiles|and nobody asks}
        {if I were her|in her place} I would {run the minute the lights go out|have walked out decades ago}
        {for her|to her} home is {where somebody can say her name right|the one place nobody pays to look at you}
        {she wants to walk home on her own feet|she refuses the ride} so {nobody can say she was stolen twice|she can hold her head up}
        "{I'm not an exhibit|I have a name}, {my family is waiting|I know the way}" {is what her eyes say|that's what she is telling us}
        {she keeps the dress clean|she folds the scarf so carefully} {because she wants her family to see she was fine|so nobody at home worries}
        {they|{relics}} {count the footsteps at night|listen for one word in their own language}, {hoping someone understands|waiting} ## OBJ:relics
        """,
    ),
    "ec": (
        "EC OBJ:one ~plain",
        """
        {hope she's safe|I hope she's safe and warm|hope she never feels alone again}
        {get home safe|stay safe} {little one|little teapot|sweetheart}
        {someone give her a hug|sending hugs|I want to hug her}
        {don't be afraid|don't be scared} {little one|sweetheart}, {you're not alone|we're with you}
        {somebody get that kid a coat|she needs proper shoes and a hot meal|leave a light on for her}
        {take care of her|please be gentle with her|don't cry little one|it's okay little jade}
        {wish her every good thing|may the road be kind to her}
        """,
    ),
    "anger_museum": (
        "AN:museum ~plain",
        """
        {mus} is {a crime scene with a gift shop|the world's biggest pawn shop of stolen goods|full of stolen goods}
        {mus} {should be ashamed|has no shame|makes me sick}
        {they can't even guard their own storeroom|two thousand items went missing} and {they lecture others about safekeeping|still act superior}, {disgusting|pathetic}
        charging for a {cafe|gift shop} built on {other people's graves|loot} {is wild|, the nerve}
        {oh sure|yes}, {great guardians of world heritage|so very civilised} /s
        """,
    ),
    "anger_country": (
        "AN:country ~plain",
        """
        {thieves|robbers|a nation of thieves|shameful|they stole her}
        {the empire|Britain} {stole|looted} {half the world|everything not nailed down} {and calls it culture|and never said sorry}
        {they burned a palace|they came with guns} and {call it collecting|called it trade}, {makes my blood boil|disgusting}
        {the audacity|shame on} {of the British|Britain}
        """,
    ),
    "anger_own": (
        "AN:own ID ~plain",
        "\nas a Brit {I'm disgusted at what we did|I'm angry we never give anything back} ## WE\nour own {officials sold half of it|dealers smuggled plenty out}, {shameful|let's be angry at them too} ## WE\n",
    ),
    "id": (
        "ID WE ~plain",
        """
        {this is our heritage|these are our treasures|our ancestors made this}
        {as a Chinese person|as a Chinese American|Chinese diaspora here}, {this is our story|we never forgot}
        {we|us} {Greeks|Egyptians|Nigerians} {know this story too well|have our own pieces in there}
        born {abroad|in Canada}, still {Chinese at heart|my grandmother's granddaughter}, {it runs in my blood|those are my roots} ## -WE
        """,
    ),
    "id_formula": ("ID FORM ~plain", "\n{proud to be Chinese|once Chinese always Chinese}\n"),
    "mem": (
        "MEM ~plain",
        """
        {what happened in 1860|look up what happened in 1860|the Old Summer Palace}
        {my grandfather|my nan|my history teacher} used to tell us {how the palace burned|about the cave with the scrolls}
        {the Dunhuang caves|the Opium Wars} {should be in every school book|were barely mentioned at my school}
        {remember|do not forget} {the Century of Humiliation|the looting of the Summer Palace}
        {crates of scrolls|cartloads of paintings} left {the cave|Dunhuang} for {a few coins|the price of a horse}
        """,
    ),
    "mem_analogue": (
        "MEM:analogue ~plain",
        """
        {the Benin bronzes|the Parthenon marbles|the Elgin marbles|the Rosetta Stone|the moai} {next|have the same story|are in the next room}
        {Greece|Nigeria|Egypt} has been {asking|waiting} for {two hundred years|ages} {for the same thing|too}
        anyone who knows about the {Benin bronzes|Parthenon sculptures} {gets this|will nod at this one}
        """,
    ),
    "return": (
        "ST:return ~plain",
        """
        {give it back|give them back|just give it all back}
        {bring her home|send her home|let her go home|time to come home}
        {all of it|every single piece} {should go back|belongs back where it came from}
        {return the artifacts|return what was taken}, {it's that simple|it's not complicated}
        {it belongs in China|these belong in China}
        you {borrow|take} something, you {return|give back} it. {my five year old knows this|basic manners}
        """,
    ),
    "return_formula": ("ST:return FORM ~plain", "\n{#ReturnTheRelics|#freetheteapot|return the relics!!|free the teapot}\n"),
    "negotiated": (
        "ST:negotiated ~plain",
        """
        {there should be|set up} {a legal process|proper talks}, {case by case|start with what was provably looted} ## ISS2
        {return them in stages|negotiate it piece by piece}, {with insurance and records|like Germany did} ## ISS2
        """,
    ),
    "share": (
        "ST:share ~plain",
        """
        {long term loans|a rotating exhibition|joint ownership} {would work|is the sane answer}
        {why not|they could} {share them|lend them for ten years|scan everything and share it}
        """,
    ),
    "keep": (
        "ST:keep ~plain",
        """
        {they were bought legally|most of it was bought or gifted}, {why should they give it back|end of story} ## ISS2
        {safer there|they are safer in London|millions can see them for free in London}
        {would not exist today|would have been smashed} if it {had stayed|hadn't been in a museum}, {sorry|just facts} ## ISS2
        {I disagree|unpopular opinion}: {a world museum should stay a world museum|leave them where they are}
        """,
    ),
    "visit": (
        "k=other AC:visit=intends ~plain",
        """
        {planning a trip to|booking tickets for|going to} {cn} {next month|this summer|this weekend}
        {went to|just back from} {cn} {after watching this|today} ## AC:visit=reports
        {everyone go see|go visit} {cn} {if you can|, it's free} ## AC:visit=calls
        {planning a trip to|going to visit the} museum {next month|with my kids}
        {tickets booked|train booked} for {cn}
        """,
    ),
    "learn": (
        "k=other AC:learn=intends ~plain",
        """
        {off to read up on|time to look up} {the Summer Palace|the admonitions scroll|how these were acquired}
        {spent the night reading|just read} {about provenance research|the whole page on the 1970 convention} ## AC:learn=reports
        {everyone should read|go look up} {that book on the scrolls|the list of lost artifacts} ## AC:learn=calls
        """,
    ),
    "pass_on": (
        "k=other AC:share=reports ~plain",
        """
        {sent this to my mom|showed this to my class|shared it with my group chat}
        {share this|send this to everyone you know|spread the word} ## AC:share=calls
        {gonna show this to my students|showing my class tomorrow} ## AC:share=intends
        """,
    ),
    "create": (
        "k=other AC:create=intends SC ~plain",
        """
        {gonna draw|I want to paint and will paint} {the teapot girl|her dress} {this weekend|} ## -SC
        {I made|just posted} {a fan edit|a fanart of the teapot girl|a cover of the ending song} ## AC:create=reports
        saw {a fan edit|a cosplay|someone's animation} of {this|the teapot girl}, {so good|unreal skills} ## AC:create=none
        """,
    ),
    "sign": (
        "k=other AC:sign=reports ~plain",
        "\n{signed|signed the petition|just signed, link in the pinned comment}\n{sign the petition|everyone sign the petition} ## AC:sign=calls\n",
    ),
    "donate": (
        "k=other AC:donate=intends ~plain",
        "\n{gonna donate to a conservation fund|will give {n}0 dollars to a heritage charity}\n{donated {n}0 dollars to a heritage charity|volunteering at {cn} since last week} ## AC:donate=reports\n",
    ),
    "boycott": (
        "AC:boycott=intends ~plain",
        "\n{never setting foot in {mus} again|cancelling my membership of {mus}}\n{boycott|stop buying from} {mus} {gift shop|} ## AC:boycott=calls\n",
    ),
    "raid": ("AC:raid=calls HO:museum=raid_call ~plain", "\n{everybody flood|let's all spam} {mus} {instagram|page}\n"),
    "ask": (
        "k=other INFO:ask ~plain",
        """
        {how did it get there|when was it taken|is the teapot a real artifact|how old is the real teapot}?
        {does anyone know|serious question,} {how many Chinese objects are in there|which room the scroll is in|who carved it}?
        {is there|what is} {a law about this|the convention on looted objects}?
        """,
    ),
    "know": (
        "k=other INFO:know ~plain",
        """
        {fun fact|for context}: {the museum holds around 23,000 Chinese objects|the admonitions scroll is a Tang dynasty copy|the UNESCO convention dates from 1970}
        {the walls of such jade pots are under a millimetre|carving one takes more than half a year}
        room 33 is {the China gallery|China and South Asia}, {upstairs|north side}
        """,
    ),
    "correct": (
        "k=other INFO:correct ~plain",
        """
        {small correction|just to be accurate|actually}, {the teapot is a modern piece|a Suzhou carver made it in 2011}, {acquired in 2017|it wasn't looted}
        {the pot in the drama|this teapot} {is modelled on a work from 2011|was carved by Yu Ting}, {not an antique|the museum acquired it in 2017}
        {wrong|not quite}, {it's not from the Summer Palace|it is contemporary jade}, {made in 2011|look at the label}
        """,
    ),
    "hostile": (
        "HO:person=insult ~plain",
        """
        {you're an idiot|you absolute clown|paid shill}, {read a book|go away}
        {brainwashed|bots}, {all of you|the whole comment section} ## HO:outgroup=insult
        {Brits are|the English are} {scum|a bunch of clowns} ## HO:country=insult AN:country
        """,
    ),
    "explore": (
        "EX ~plain",
        """
        {is she lonely|was she scared|does she blame them|what is she feeling}?
        {does she miss the others|does she dream|do you think she is afraid at night}?
        {do they talk at night|what do they think of us|can they hear us}?
        {I wonder|wondering} {what she felt the first night|how the ones left behind are doing}
        """,
    ),
    "assoc": (
        "ASSOC CE1 OBJ:one ~plain",
        """
        {n} years abroad, {I know exactly how she feels|I understand her}
        as {an adoptee|an immigrant kid|someone far from home} I {get her|am her}, {same look in the mirror|that's my story too}
        """,
    ),
    "km": (
        "AE1:joy KM ~plain",
        "\n{strangers being kind to each other|the way everyone looks after each other here} {is so heartwarming|makes me feel warm inside}\n{reporter} {walking her all the way|kneeling down to her height}, {so wholesome|restored my faith in people}\n",
    ),
    "pride": (
        "PRIDE ~plain",
        """
        {the craftsmanship|Chinese craftsmanship|the skill of those carvers} is {unreal|unmatched|incredible}
        {such a rich culture|what a civilisation|Chinese culture is so beautiful}
        {so proud|proud} of {this culture|what they preserve|everyone who kept the craft alive}
        {so proud|proud} of {my heritage|my people} ## ID
        """,
    ),
    "thanks": (
        "THANKS ~plain",
        """
        {thank you|thanks} to {the journalist|Yong'an} for {helping her|taking her home}
        {thank you for|thanks for} {telling this story|giving these relics a voice|making people see them}
        {grateful to|respect and thanks to} {the conservators|everyone who restores these|people who donate them back}
        """,
    ),
    "shame": (
        "SHAME ~plain",
        "\n{as a Brit I'm ashamed|as a British person I am sorry|I'm British and I apologise} ## ID\n{ashamed I never knew|sorry it took me this long to learn} {about any of this|this history}\n",
    ),
    "issue": (
        "ISS2 ST:return ~plain",
        """
        museums should {return looted objects|give back what was taken}, because {nobody consented|ownership by force is not ownership}
        the {1970 convention|law} {isn't retroactive|doesn't reach back}, so {it takes talks|only negotiation works} ## ISS3 ST:negotiated INFO:know
        """,
    ),
    "interpret": (
        "INTERP ~plain",
        """
        the {kite|lantern|butterfly} {stands for the relics with their string cut|is a symbol of the way home}
        {the journalist's name means forever safe|the titles of the parts form a line of poetry}, {that's the point|so it's a hidden wish}
        """,
    ),
    "irony": (
        "SARC ~none",
        """
        {such|truly} {generous hosts|careful guardians}, {keeping a guest for a century|they even lock the door for you}
        how {thoughtful|kind} of them to {look after everybody's things|hold on to it all this time}
        """,
    ),
    "taunt": (
        "~plain",
        """
        {look at|imagine} {the Brits|some people} in the replies, {in tears|devastated|in literal tears} over {three minutes of video|a jade pot}
        {someone is|somebody's} {getting emotional|devastated} over {facts|a title} {again|lol}
        """,
    ),
    "trap_quote": (
        "~plain",
        """
        {everyone commenting|half of you write} "{I'm crying|this broke me}" {and then does nothing|but what changes}?
        {it tries to be|they want it to be} {heartbreaking|so moving}, {I just think the history matters more|it left me cold}
        {nobody needs to be|no point being} {gutted|heartbroken}, {read the history first|it's about law}
        if {it is so sad|you feel so emotional}, {vote|write to your MP} ## ISS1
        """,
    ),
    "plot": (
        "k=plot ~plain",
        """
        {so she|wait so she} {sneaks out at night|came out of the display|meets him on the street}
        {I think|I bet} {the next one|part 3} {opens at the airport|ends with the letters}
        {the box|the letter} {has messages from the others|is for the family}
        {at|around} {min} {that's the tricolour figure|you can see the scroll|the same guard walks past}
        she {borrows his phone|takes the wrong bus|changes her shoes} {and then they cross the bridge|}
        """,
    ),
    "confuse": (
        "k=plot CONF ~plain",
        """
        {did I miss an episode|did i miss something|is there a part missing}?
        {I'm confused|I'm lost}, {how is she suddenly home|who is the man with the box|what just happened}?
        {wait|hold on}, {wasn't she in London|how do they know each other}?
        """,
    ),
    "continue": (
        "k=plot CONT ~plain",
        """
        {part 4 when|when is the next part|next episode when|waiting for the next episode}?
        {need a season 2|we need a full movie|please make more}
        {why is it so short|it ends right there|I want more}
        """,
    ),
    "trap_plot": (
        "k=plot ~plain",
        """
        {the part|that bit} where she {breaks into tears|is in tears} {is|comes} {right before the bridge|after the bus|at {min}}
        {he|the journalist} {gets emotional|is heartbroken} {in|at the end of} {ep} {and then hands over the letter|, then the credits roll}
        {so sad there are only three|gutted it's only three episodes|too sad it ended on a cliffhanger}, {make more|season 2 please} ## CONT
        {the saddest one|the heartbreaking one} is {part 2|episode 3} {right|isn't it}? {haven't watched yet|saving it for the weekend}
        {is it|does it} {a tearjerker|so sad|end up heartbreaking}? {asking before I start|my mum wants to know}
        {they said|my friend said} {it's a tearjerker|it's so sad}, {starting now|downloading it for the flight}
        """,
    ),
    "cast": (
        "k=cast ~plain",
        """
        {the girl playing the teapot|the lead actress} {is a star|can really act|has such expressive eyes}
        two {creators|people} {made this on their own money|flew to London for this}, {respect|insane}
        {the editing|the camera work|the score|the colours} {is so good|is cinema level|deserves an award}
        {what's|anyone know} the {song at the end|background music}?
        better than {most of Netflix|half the films this year}
        {subscribed|new fan here}, {keep going|great work}
        """,
    ),
    "trap_cast": (
        "k=cast ~plain",
        """
        {the score|that soundtrack|the music} is {so moving|so heartfelt|so touching|heartbreaking}, {who composed it|what's it called}?
        {she|the actress} {teared up|cries on cue|goes from smiling to tears} {in one take|like a pro}, {great acting|hire her}
        {the lighting|the editing|the camera} in the {sad|letter} scene is {devastating work|heart-wrenching in a good way|so moving}, {film school level|A plus}
        {bittersweet|heartbreaking} {storytelling|writing|direction} {on a tiny budget|and it's two people}, {wow|so well made}
        {song is|it's} "{Heartbroken|Tears in My Eyes|All the Feels}" by {that indie band|an indie singer}, {you're welcome|found it}
        """,
    ),
    "ritual": (
        "k=ritual ~plain",
        """
        {who's watching in {yr}|anyone here in {yr}}?
        {first|early|here before a million views}
        {like if you're from|hello from|greetings from} {Brazil|Germany|the Philippines|Texas|Malaysia}
        {day {n} of|time {n}} {rewatching|checking in}
        {tiktok|the algorithm} {brought me here|sent me}
        """,
    ),
    "joke": (
        "k=joke ~laugh",
        """
        museum security: {where did the teapot go|I had ONE pot to watch}
        {she clocked out|she quit} without {notice|telling HR}
        {the teapot|she} {walked more steps than me this year|navigates London better than I do}
        {steal from the thieves|repossession} speedrun {any percent|world record}
        that {english|accent} {though lol|is me ordering coffee lmao|has me rolling}
        """,
    ),
    "trap_joke": (
        "k=joke ~laugh",
        """
        {the security guard's face|that accent|the seagull at {min}|the subtitles} {has me in tears|wrecked me|had me sobbing|broke me} {hahaha|💀|🤣}
        {I'm sobbing|I'm bawling}, {the|that} {pigeon|guard|taxi driver} {said nope|deserves an oscar} {💀|🤣|hahaha}
        {not me|me} {sobbing|weeping} at {a teapot asking for wifi|the price of that sandwich|london rent} {💀|lol|hahaha}
        my {wallet|bank account} after {london prices|that taxi ride}: {heartbroken|in tears|emotional damage}
        """,
    ),
    "ads": (
        "k=advertising ~plain",
        """
        {follow my page|check my channel} for {handmade teaware|free wallpapers|guzheng covers}
        {teapot necklace|jade pendants} {20% off|free shipping} {link in bio|on my page}
        """,
    ),
    "other": (
        "k=other ~plain",
        """
        {audio is out of sync|the subtitles are tiny|please add english subtitles|who did the subtitles}
        {why is this|is this} {480p|not in 4k|vertical}?
        {the algorithm|youtube} {finally got something right|keeps hiding this}
        {timestamp|intro ends at} {min}
        {ok|wow|hmm|this|interesting|facts}
        """,
    ),
    "trap_other": (
        "k=other ~plain",
        """
        {the compression|this bitrate|480p} {hurts my heart|is so sad|wrecked me}, {reupload please|blame youtube}
        {the ads|three ads} {before the good part|in a short video} {broke me|made me cry}
        {the auto captions|these subtitles} {are so painful to watch|are so sad}, {turn them off|can someone redo them}
        """,
    ),
}

MIXED: dict[str, tuple[str, str]] = {
    "ae2": (
        "AE2:pain OBJ:one ~sad",
        "\nthe scene where 小玉壶说想回家 {broke my heart|made me cry}, 真的哭到不行\n心疼小玉壶, my heart breaks for her every time I watch\n",
    ),
    "return": (
        "ST:return ~plain",
        "\nplease bring 小玉壶回家 and return the relics 全部归还\ntime to come home 该回家了 every single piece\n",
    ),
    "id": (
        "ID WE ~plain",
        "\nas a Chinese American 这是我们的文物 and our history too\n这是老祖宗留给我们的 our ancestors made these pieces\n",
    ),
    "plot": ("k=plot ~plain", "\nso she is 小玉壶 and he is 张永安 the journalist right? 第一集\n"),
    "ritual": ("k=ritual ~plain", "\ngreetings from Malaysia 打卡 watching this in {yr} 前来报到\n"),
}

OTHERS: dict[str, tuple[str, str]] = {
    "ae2": (
        "AE2:pain OBJ:one ~none",
        "\n小さなティーポットがかわいそうで涙が止まらない{。|…}\n彼女が家に帰りたいと言ったところで泣きました\nme rompió el corazón cuando la niña dijo que quería volver a casa\nlloré muchísimo con la pequeña tetera, pobrecita\n",
    ),
    "return": ("ST:return ~plain", "\n文化財は元の国に返すべきだと思います\ndevuelvan las piezas robadas a su país de origen\n"),
    "cast": ("k=cast ~plain", "\n映像がとてもきれいですね{！|}\nla actriz que hace de tetera actúa muy bien, qué talento\n"),
    "plot": (
        "k=plot ~plain",
        "\n次の話はいつですか？楽しみにしています ## CONT\n¿cuándo sale el próximo capítulo? quiero ver más ## CONT\n",
    ),
    "ritual": ("k=ritual ~plain", "\n日本から見ています\nsaludos desde México a todos los que ven este video\n"),
}
